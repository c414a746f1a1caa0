public import AssayRecord

/// Where and how a watcher records: in the same record as a station, so that its page shows both.
public struct WatchRecording: Sendable {
  public var folder: String
  public var images: StationOptions.ImagePolicy
  public var retention: RetentionPolicy

  public init(folder: String, images: StationOptions.ImagePolicy, retention: RetentionPolicy) {
    self.folder = folder
    self.images = images
    self.retention = retention
  }
}
