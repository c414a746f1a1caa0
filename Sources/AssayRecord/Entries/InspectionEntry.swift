import Foundation

/// One inspection as it goes into the record.
public struct InspectionEntry: Sendable {
  /// Seconds since 1970, UTC.
  public var time: Double
  /// Part or serial number, as the line gave it.
  public var serial: String?
  /// Name under which the bundle is served, and SHA-256 of its manifest.
  public var bundle: String
  public var bundleHash: String
  /// `good`, `defect`, `classified`, `measured`, `unjudged`, or ``errorVerdict``.
  public var verdict: String
  public var `class`: String
  /// What decided, and against what; nil where there is none.
  public var score: Double?
  public var threshold: Double?
  /// Of the class found, 0...1.
  public var probability: Double?
  /// Everything that was answered, as JSON.
  public var answer: String
  /// From the request's arrival to the verdict.
  public var milliseconds: Double
  /// Whether somebody should look at it: too close to call.
  public var isUncertain: Bool
  /// Distance of its features from those of the training images.
  public var featureDistance: Double?
  /// Mean luma of its photograph, 0...1.
  public var brightness: Double?
  /// Of the image as it came: SHA-256, and size in pixels.
  public var imageHash: String
  public var width: Int
  public var height: Int
  /// A small JPEG.
  public var thumbnail: [UInt8]
  /// `[heatHeight, heatWidth]`; empty without a map.
  public var heat: [UInt8]
  public var heatWidth: Int
  /// The image as it came, when the policy keeps it.
  public var image: [UInt8]?
  /// Shown to the station to try it, not made on the line: it is counted nowhere.
  public var isTrial: Bool

  /// Of a part for which the network had no finite answer: there is no verdict, and it is counted nowhere.
  public static let errorVerdict = "error"

  public init(
    time: Double, serial: String?, bundle: String, bundleHash: String, verdict: String, class: String, score: Double?,
    threshold: Double?, probability: Double?, answer: String, milliseconds: Double, isUncertain: Bool,
    featureDistance: Double?, brightness: Double? = nil, imageHash: String, width: Int, height: Int, thumbnail: [UInt8],
    heat: [UInt8],
    heatWidth: Int, image: [UInt8]?, isTrial: Bool = false
  ) {
    self.time = time
    self.serial = serial
    self.bundle = bundle
    self.bundleHash = bundleHash
    self.verdict = verdict
    self.class = `class`
    self.score = score
    self.threshold = threshold
    self.probability = probability
    self.answer = answer
    self.milliseconds = milliseconds
    self.isUncertain = isUncertain
    self.featureDistance = featureDistance
    self.brightness = brightness
    self.imageHash = imageHash
    self.width = width
    self.height = height
    self.thumbnail = thumbnail
    self.heat = heat
    self.heatWidth = heatWidth
    self.image = image
    self.isTrial = isTrial
  }
}

/// What an operator said of a part: kept beside the verdict, never over it.
public struct Correction: Sendable, Codable, Equatable {
  /// Seconds since 1970, UTC.
  public var time: Double
  /// `good` or `defect`; nil where no class is good.
  public var verdict: String?
  public var `class`: String
  public var note: String?

  public init(time: Double, verdict: String?, class: String, note: String? = nil) {
    self.time = time
    self.verdict = verdict
    self.class = `class`
    self.note = note
  }
}

/// One inspection as it is found again, without its pictures.
public struct RecordedInspection: Sendable, Codable, Equatable {
  public let id: Int64
  public let time: Double
  public let serial: String?
  public let bundle: String
  public let bundleHash: String
  public let verdict: String
  public let `class`: String
  public let score: Double?
  public let threshold: Double?
  public let probability: Double?
  public let milliseconds: Double
  public let isUncertain: Bool
  public let featureDistance: Double?
  public let brightness: Double?
  public let imageHash: String
  public let width: Int
  public let height: Int
  public let hasHeat: Bool
  /// Whether the image itself was kept.
  public let hasImage: Bool
  /// Shown to the station to try it, not made on the line.
  public let isTrial: Bool
  /// The latest; earlier ones stay in the record.
  public let correction: Correction?
}
