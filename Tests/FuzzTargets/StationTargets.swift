import AssayHTTP
import AssayStation
import Foundation
import HTTPTypes
import Hummingbird

/// What callers send to a station, and what a watcher finds in its journal.
enum StationTargets {
  static let all = [
    // The content type on the first line, then the body.
    FuzzTarget("multipart", longest: 2048, throwing: HTTPFailure.self, seeds: texts(formSeeds)) { bytes in
      let type = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
      let form = try Multipart(Array(bytes.drop { $0 != 10 }.dropFirst()), contentType: type)
      precondition(form.parts.reduce(0) { $0 + $1.body.count } <= bytes.count, "more parts than bytes")
      _ = try InspectForm(form)
    },
    FuzzTarget("inference-json", longest: 4096, throwing: HTTPFailure.self, seeds: texts(messageSeeds)) {
      takeOut(try InferenceMessage($0, headerLength: nil))
    },
    // Two bytes with the length of the JSON, which tensors follow.
    FuzzTarget("inference-binary", longest: 4096, throwing: HTTPFailure.self, seeds: binarySeeds) { bytes in
      guard bytes.count >= 2 else { return }
      let body = Array(bytes.dropFirst(2))
      _ = InferenceMessage(raw: body, inputShape: [3, 2, 2])
      let message = try InferenceMessage(body, headerLength: Int(bytes[0]) << 8 | Int(bytes[1]))
      takeOut(message)
    },
    FuzzTarget("record-query", longest: 512, throwing: HTTPFailure.self, seeds: texts(querySeeds)) { bytes in
      let request = Request(
        head: HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/v1/records?" + plain(bytes)),
        body: RequestBody(buffer: .init()))
      _ = try RecordRoutes.query(request, zone: .gmt)
    },
    FuzzTarget("host", longest: 256, seeds: texts(["localhost:8080", "[::1]:1", "127.0.0.1", "::1", ""])) { bytes in
      let isLocal = AccessGuard<BasicRequestContext>.isLocal(String(decoding: bytes, as: UTF8.self))
      // Whoever lets in what neither begins like the machine's own names nor its own addresses lets in everybody.
      let head = String(decoding: bytes.prefix(9), as: UTF8.self).lowercased()
      precondition(!isLocal || head.hasPrefix("localhost") || head.hasPrefix("[::1]") || head.hasPrefix("127."))
    },
    FuzzTarget("watch-journal", longest: 2048, seeds: texts(journalSeeds)) { bytes in
      for line in bytes.split(separator: 10) {
        guard let entry = try? JSONDecoder().decode(FolderWatcher.Entry.self, from: Data(line)) else { continue }
        _ = try JSONEncoder().encode(entry)
      }
    },
  ]

  /// Every image, as it is when its turn comes.
  private static func takeOut(_ message: InferenceMessage) {
    for input in message.inputs {
      let count = input.shape.reduce(1, *)
      switch input.content {
      case .floats(let values): precondition(values.count == count, "too few")
      case .rawFloats(let range): precondition(range.count == 4 * count, "too few")
      case .files(let ranges), .encodedFiles(let ranges):
        precondition(ranges.count == count, "too few")
        for index in ranges.indices { _ = message.image(index, of: input, count: 1) }
        continue
      }
      guard count > 0 else { continue }
      guard case .tensor(let values) = message.image(0, of: input, count: count) else { continue }
      precondition(values.count == count, "too few")
    }
  }

  /// What can stand in a request's first line.
  private static func plain(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.filter { $0 > 32 && $0 < 127 }, as: UTF8.self)
  }

  private static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  private static let formSeeds = [
    "multipart/form-data; boundary=x1\n--x1\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a;b.png\"\r\n\r\nPIXELS\r\n--x1\r\nContent-Disposition: form-data; name=\"serial\"\r\n\r\n7\r\n--x1--\r\n",
    "multipart/form-data; charset=utf-8; boundary=\"a b\"\npreamble\r\n--a b\r\ncontent-disposition: form-data; name=file\r\nContent-Type: image/png\r\n\r\n\r\n--a b--",
  ]
  private static let messageSeeds = [
    #"{"id":"7","inputs":[{"name":"image","datatype":"FP32","shape":[1,3,1,1],"data":[[[[0.5]],[[1]],[[0]]]]}],"outputs":[{"name":"verdict","parameters":{"binary_data":true}}],"parameters":{"serial":"a","binary_data_output":false}}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["UDUgMSAxIDI1NQoA"]}]}"#,
    #"{"inputs":[{"name":"image","datatype":"FP32","shape":[2],"parameters":{"shared_memory_region":"a"},"data":[1e40,-0]}]}"#,
  ]
  private static let binarySeeds: [[UInt8]] = [
    (
      #"{"inputs":[{"name":"image","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}"#,
      [0, 0, 128, 63, 0, 0, 0, 0]
    ),
    (
      #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":11}}]}"#,
      [2, 0, 0, 0, 1, 2, 1, 0, 0, 0, 9]
    ),
  ].map { (head: String, tail: [UInt8]) in
    let count = head.utf8.count
    return [UInt8(count >> 8), UInt8(count & 255)] + Array(head.utf8) + tail
  }
  private static let querySeeds = [
    "model=part&from=0&until=1e9&verdict=defect&class=bent&serial=a%20b&trial=true&before=9&limit=10",
    "review=open&after=-1&trial=0",
  ]
  private static let journalSeeds = [
    #"{"class":"good","destination":"good","file":"a.pgm","hash":"00","milliseconds":1.5,"probability":0.9,"score":0.1,"time":"2026-01-01T00:00:00Z","verdict":"good"}"#
      + "\n"
      + #"{"class":"","destination":"unsure","error":"it is cut","file":"b.png","hash":"","milliseconds":0,"time":"","verdict":"unreadable"}"#
      + "\n"
  ]
}
