public import AssayRecord
public import AssayRuntime
public import Foundation

/// Everything that a station can be told, whoever brings its parts.
public struct StationOptions: Sendable {
  /// When a verdict is answered.
  public enum Recording: String, Sendable, CaseIterable {
    /// After its record is on disk.
    case sync
    /// At once: a crash or a loss of power loses the records of the last moments.
    case async
    /// Nothing is recorded.
    case off
  }

  /// Which images are kept whole.
  public enum ImagePolicy: String, Sendable, CaseIterable {
    case none, uncertain, defects, all
  }

  /// `PATH` or `NAME=PATH` of a bundle, or a folder of bundles.
  public var bundles: [String]

  public var recording = Recording.sync
  /// Where the record is; needed unless ``recording`` is off.
  public var recordFolder: String?
  public var images = ImagePolicy.defects
  public var retention = RetentionPolicy(days: 90, bytes: 8 << 30)
  /// The record never becomes larger than this; nil for the disk's own limit.
  public var recordLimit: Int?

  /// Parts that may wait.
  public var queueLength = 64
  /// Seconds that one may wait for a free core, or for memory.
  public var longestWait = 5.0
  public var maximumPixels = 40_000_000
  /// What runs networks.
  public var engines = Engines.automatic
  /// Bytes for all that comes from outside at once, and for the pixels that it is decoded to.
  public var memory = 416 << 20

  /// Who may listen to what happens at once, the page for instance.
  public var eventReaders = 64
  /// By which a day begins and ends.
  public var timeZone = TimeZone.current

  /// Seconds between looks at the bundles' files.
  public var reloadSeconds = 1.0
  /// The data set from which `retrain` trains again; nil to offer none.
  public var trainingData: String?
  /// The program that retrains; nil to offer none.
  public var program: String?

  public init(bundles: [String]) { self.bundles = bundles }
}
