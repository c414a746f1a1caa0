// Looks at one photograph in memory, says what it sees and draws it.
//
//   InspectPart part.assay photograph.png seen.png
import AssayImage
import AssayInspection
import AssayRuntime
import Foundation

@main
struct InspectPart {
  static func main() throws {
    let words = CommandLine.arguments.dropFirst()
    guard words.count == 3 else {
      print("usage: InspectPart BUNDLE PHOTOGRAPH DRAWING.png")
      exit(64)
    }
    let (bundle, photograph, drawing) = (words[1], words[2], words[3])

    // Opened once; a session belongs to one thread, and an inspector makes as many as you like.
    let inspector = try Inspector(path: bundle, mode: .latency)
    let session = try inspector.makeSession()

    // Bytes may come from anywhere: a socket, a database, a message.
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: photograph)))
    let finding = try session.inspect(bytes, name: photograph)
    let inspection = finding.inspection
    print("\(inspection.verdict.rawValue): \(inspection.class)")
    if let score = inspection.score, let threshold = inspection.threshold {
      print("score \(score), defective from \(threshold) on\(inspection.isUncertain ? ", uncertain" : "")")
    }
    if let region = inspection.region { print("look at \(region)") }
    try Data(try inspector.draw(finding).png()).write(to: URL(fileURLWithPath: drawing))

    // So do pixels, of a camera's own driver for instance: here a gray picture without a part.
    let empty = Image(
      width: 320, height: 240, channels: 1, samples: .uint8([UInt8](repeating: 128, count: 320 * 240)))
    print("an empty belt: \(try session.inspect(empty, name: "belt").inspection.verdict.rawValue)")
  }
}
