import AssayRecord

/// Everything that `assay serve` can be told.
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
  public var host = "127.0.0.1"
  /// 0 for any free one.
  public var port = 8080
  /// A file with the bearer token on its first line.
  public var tokenFile: String?
  /// PEM files.
  public var certificate: String?
  public var key: String?

  public var recording = Recording.sync
  /// Where the record is; needed unless ``recording`` is off.
  public var recordFolder: String?
  public var images = ImagePolicy.uncertain
  public var retention = RetentionPolicy(days: 90, bytes: 8 << 30)
  /// The record never becomes larger than this; nil for the disk's own limit.
  public var recordLimit: Int?

  /// Requests that may wait.
  public var queueLength = 64
  /// Seconds that one may wait for a free core.
  public var longestWait = 5.0

  /// Bytes.
  public var maximumBody = 32 << 20
  public var maximumPixels = 40_000_000
  /// Seconds in which a request must have arrived, and its answer been taken.
  public var exchangeSeconds = 20.0
  /// Seconds after which a connection without a request is closed.
  public var idleSeconds = 60.0
  public var maximumConnections = 20_000

  /// Seconds between looks at the bundles' files.
  public var reloadSeconds = 1.0
  /// The data set from which `retrain` trains again; nil to offer none.
  public var trainingData: String?
  /// The program that retrains; nil to offer none.
  public var program: String?

  public init(bundles: [String]) { self.bundles = bundles }
}

/// Why a station cannot be opened.
public struct StationError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable { case usage, noInput, badData, unavailable, inputOutput }
  public let kind: Kind
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

extension StationOptions {
  /// The name under which a bundle is served when none is given: its file's, without `.assay`.
  public static func bundleName(_ path: String) -> String { BundleShelf.name(of: path) }
}
