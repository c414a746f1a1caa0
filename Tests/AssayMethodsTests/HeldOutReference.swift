import AssayBundle
import AssayInspection
import AssayRuntime
import Foundation
import Testing

/// What a bundle keeps of held-out parts, looked at with its own graph.
enum HeldOutReference {
  /// - Parameters:
  ///   - count: distances of good parts that it has.
  ///   - picture: one of a good part, whose features must lie as far as those of held-out ones.
  static func check(
    _ bundle: String, basis: String = "leave-one-out", count: Int, picture: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let reference = try #require(try ModelBundle(path: bundle).reference(), sourceLocation: location)
    let features = try #require(reference.features, sourceLocation: location)
    #expect(features.basis == basis && reference.whyNoFeatures == nil, sourceLocation: location)
    #expect(features.distances.count == count, sourceLocation: location)
    #expect(features.distances == features.distances.sorted(), sourceLocation: location)
    let ruler = try #require(features.ruler, sourceLocation: location)
    let session = try Inspector(path: bundle, mode: .latency).makeSession()
    _ = try session.inspect(picture)
    let distance = try #require(session.withOutput("features") { ruler.distance($0) }, sourceLocation: location)
    let farthest = try #require(features.distances.last, sourceLocation: location)
    #expect(distance > 0 && distance < 2 * farthest, "\(distance) of \(farthest)", sourceLocation: location)
  }
}
