/// What a data set is read for: what follows from it depends on that.
public enum DataUse: Sendable {
  /// One class an image is to be told.
  case classes
  /// Several classes on an image are to be found.
  case labels
  /// Tasks are to be learned or tested.
  case tasks
  /// Parts are known to be good, and others are not: anomaly detection, thresholds.
  case goodParts
  /// A finished bundle is tested or adapted; it knows itself what is good.
  case bundle
}
