import AssayData
import AssayTestSupport

/// What the readers of annotations have in common.
enum TextTargets {
  static let all = [
    FuzzTarget("json", longest: 4096, throwing: JSONNode.Failure.self, seeds: jsonSeeds.map { Array($0.utf8) }) {
      _ = try JSONNode.parse($0)
    },
    FuzzTarget("xml", longest: 4096, throwing: XMLNode.Failure.self, seeds: xmlSeeds.map { Array($0.utf8) }) {
      _ = XMLNode.declaredEncoding($0)
      _ = try XMLNode.parse($0).namesInside
    },
    FuzzTarget("csv", longest: 4096, throwing: DataError.self, seeds: csvSeeds.map { Array($0.utf8) }) {
      _ = try CSVTable.checked(String(decoding: $0, as: UTF8.self), path: "list.csv").rows
    },
    // The first line names an encoding, or says nothing.
    FuzzTarget(
      "text-encoding", longest: 1024, throwing: TextReader.Failure.self, DataError.self,
      seeds: encodingSeeds
    ) { bytes in
      let name = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
      let rest = Array(bytes.drop { $0 != 10 }.dropFirst())
      _ = try? TextReader().text(rest, declared: name)
      _ = try TextReader(named: name.isEmpty ? nil : name).text(rest)
    },
    // A byte for each side and the form, then the runs.
    FuzzTarget(
      "run-lengths", longest: 1024, throwing: RunLengthMask.Failure.self,
      seeds: (0...3).map { [8, 8, $0] + runSeeds[Int($0)] }
    ) { bytes in
      guard bytes.count >= 3 else { return }
      let (width, height) = (Int(bytes[0]), Int(bytes[1]))
      let rest = Array(bytes.dropFirst(3))
      let text = String(decoding: rest, as: UTF8.self)
      let numbers = text.split(separator: " ").compactMap { Int($0) }
      let mask =
        switch bytes[2] & 3 {
        case 0: try RunLengthMask(startsAndLengths: text, width: width, height: height)
        case 1:
          try RunLengthMask(
            counts: Array(numbers.dropFirst(2)), x: numbers.first ?? 0, y: numbers.dropFirst().first ?? 0, width: width,
            height: height, order: .rows, isComplete: false)
        case 2: try RunLengthMask(compressed: text, width: width, height: height)
        default: try RunLengthMask(packed: rest, width: width, height: height)
        }
      precondition(mask.area <= width * height, "a mask larger than its picture")
      let sample = Sample(
        path: "part.png", name: "part.png", regions: [AnnotatedRegion(label: "bent", shape: .runs(mask))])
      let marked = try? sample.markedPixels(width: 16, height: 16)
      precondition(marked?.count == 256)
    },
  ]

  private static let jsonSeeds = [
    #"{"images":[{"id":1,"file_name":"a.jpg","width":24,"height":24.0}],"ok":[true,false,null],"t":"\u00e9\ud83d\ude00\n"}"#,
    "[-1.5e-3, [], {}, \"\\\\\\/\\b\", 0]",
  ]
  private static let xmlSeeds = [
    "<?xml version=\"1.0\" encoding='utf-8'?><!-- c --><annotation><name a=\"1\">b&amp;&#x41;&#66;</name><![CDATA[x]]><e/></annotation>"
  ]
  private static let csvSeeds = [
    "path,label,split\n\"a \"\"b\"\", c\",good,train\r\nb.png,bent,\n", "path;labels\na.png;bent rusty\n",
  ]
  private static let encodingSeeds: [[UInt8]] = [
    Array("gbk\n".utf8) + [0xBB, 0xAE, 0xBA, 0xDB], Array("\n".utf8) + [0xFF, 0xFE, 0x41, 0],
    Array("cp1251\n".utf8) + [0xE4, 0xE0],
    Array("shift_jis\n".utf8) + [0x8F, 0x9D], Array("hz\n~{".utf8) + [0x56, 0x50],
    Array("utf-16\n".utf8) + [0xFE, 0xFF, 0, 0x41],
    Array("iso-2022-jp\n".utf8) + [0x1B, 0x24, 0x42, 0x30, 0x21], Array("utf-7\n+AGE-".utf8),
  ]
  /// Severstal's, lengths alone, COCO's compressed ones, and Label Studio's brush (8 x 8, one run of 256 values).
  private static let runSeeds: [[UInt8]] = [
    Array("1 3 9 2".utf8), Array("2 3 4 5 6".utf8), Array("12o0".utf8),
    [0, 0, 1, 0, 0x38, 0x11, 0x11, 0x8F, 0xFF, 0x80],
  ]
}
