/// The way through a JPEG file in memory, in 8 bits: what some cameras and many archives do to a photograph.
enum JPEGPassage {
  /// Throws `ImageError` when the image cannot be written (a side above 65,500 pixels, or memory is short).
  static func apply(to planes: PlaneBuffer, quality: Int) throws(ImageError) {
    let file = try ImageEncoder.jpeg(
      width: planes.width, height: planes.height, channels: planes.planes, pixels: interleaved(planes),
      quality: quality)
    let image = try ImageFile.decode(file, name: "augmented image")
    guard case .uint8(let pixels) = image.samples, image.channels == planes.planes else {
      preconditionFailure("a JPEG has 8 bits and the channels that it was written with")
    }
    pixels.withUnsafeBufferPointer { take($0, into: planes) }
  }

  private static func interleaved(_ planes: PlaneBuffer) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: planes.count) { pixels, initialized in
      for plane in 0..<planes.planes {
        let values = planes.plane(plane)
        var at = plane
        for i in 0..<planes.planeCount {
          pixels[at] = UInt8(clamping: values[i] * 255 + 0.5)
          at += planes.planes
        }
      }
      initialized = planes.count
    }
  }

  private static func take(_ pixels: UnsafeBufferPointer<UInt8>, into planes: PlaneBuffer) {
    for plane in 0..<planes.planes {
      let values = planes.plane(plane)
      var at = plane
      for i in 0..<planes.planeCount {
        values[i] = Float(pixels[at]) / 255
        at += planes.planes
      }
    }
  }
}
