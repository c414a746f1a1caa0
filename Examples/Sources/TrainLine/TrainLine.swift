// Trains on a folder of classes, exports the network, and has a station inside.
//
//   TrainLine photos part.assay part.onnx             inspects one photograph of `photos` and ends
//   TrainLine photos part.assay part.onnx 8080        answers HTTP on that port until it is stopped
import AssayBundle
import AssayData
import AssayHTTP
import AssayStation
import AssayWorkflows
import Foundation
import Logging

@main
struct TrainLine {
  static func main() async throws {
    let words = CommandLine.arguments.dropFirst()
    guard (3...4).contains(words.count) else {
      print("usage: TrainLine PHOTOS BUNDLE GRAPH.onnx [PORT]")
      exit(64)
    }
    let (photos, bundle, graph) = (words[1], words[2], words[3])

    let result = try Trainer.train(photos, output: bundle, options: TrainingOptions()) { step in
      if step.done == step.total { print("\(step.step): done") }
    }
    for metric in result.manifest.metrics { print("\(metric.name) \(metric.value), \(metric.on)") }
    try ModelBundle(path: bundle).exportGraph(to: graph)

    var options = StationOptions(bundles: ["part=\(bundle)"])
    options.recordFolder = bundle + ".record"
    let station = try Station(options, logger: Logger(label: "line"))
    if words.count == 4, let port = Int(words[4]) {
      var http = HTTPOptions()
      http.port = port
      return try await StationServer(station, http).run { print("open on port \($0)") }
    }
    defer { station.close() }
    guard let photograph = FolderSearch.images(in: photos).first,
      let bytes = FileManager.default.contents(atPath: photograph)
    else { return print("no photograph was found") }
    let answer = try await station.inspect(.file([UInt8](bytes)), model: "part", serial: "0001")
    let verdict = answer.inspection.verdict.rawValue
    print("\(photograph): \(verdict) in \(answer.milliseconds) ms, number \(answer.id ?? 0) in the record")
  }
}
