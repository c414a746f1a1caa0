package import AssayInspection
package import AssayRuntime

/// A part that has been judged, and what is kept of it; its pixels are gone.
package struct JudgedPart: Sendable {
  package enum Outcome: Sendable {
    case found(Inspection)
    /// The network had no finite answer.
    case failed(InspectionError)
    /// One tile of a photograph, for a bundle that looks at it in tiles.
    case onlyATile
  }

  package let bundle: ServedBundle
  package let outcome: Outcome
  package let serial: String?
  package let isTrial: Bool
  package let mayBeOnRecord: Bool
  /// The outputs of the graph that were asked for.
  package let outputs: [String: Tensor]
  package let featureDistance: Double?
  /// Mean luma of the photograph, 0...1; nil when nothing is compared with it.
  package let brightness: Double?
  /// For the record; nil when there is none.
  package let keepsake: Keepsake?
  /// The image's file, when the record's policy keeps it.
  package let file: [UInt8]?
  /// A PNG of photograph, heat, region and verdict, when it was asked for.
  package let drawing: [UInt8]?
  /// From arrival to verdict.
  package let milliseconds: Double

  package var inspection: Inspection? { if case .found(let inspection) = outcome { inspection } else { nil } }
}

/// What the caller gets: the answer is nil for a tile.
package typealias InspectedPart = (part: JudgedPart, answer: InspectAnswer?)
