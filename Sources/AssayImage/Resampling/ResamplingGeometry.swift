/// What is resampled to what: the part of the source, and the size it becomes.
struct ResamplingGeometry: Equatable {
  var sourceWidth: Int
  var sourceHeight: Int
  /// In source pixels, inside the source.
  var crop: PixelRectangle
  var width: Int
  var height: Int
  var filter: ResamplingFilter
}

/// Where planar output goes: a window of planes that may be larger than the window.
struct PlaneWindow {
  /// From one row of a plane to the next, and from one plane to the next, in samples.
  var rowStride: Int
  var planeStride: Int
  /// Where the window's first sample is in the first plane.
  var start: Int
  /// Planes to write: mono is written to all of them.
  var planes: Int
}
