package import AssayBase
package import AssayImage
package import AssayRuntime
import Foundation
import Synchronization

/// The training images at the network's size: in memory as far as there is room, else read again when they are wanted.
package final class ImageStore: Sendable {
  package let preprocessing: Preprocessing
  /// Identifies each image by its content, for augmentation.
  package let keys: [UInt64]
  private let pictures: [KnownPicture]
  private let maximumPixels: Int
  private let sources: [AugmentationSource?]

  /// Room for images in memory, in bytes.
  private static let room = 1 << 30

  /// - Throws: when a picture has gone or changed since its features were computed.
  package init(
    _ pictures: [KnownPicture], preprocessing: Preprocessing, maximumPixels: Int,
    progress: @escaping ProgressHandler
  ) throws(ImageError) {
    self.preprocessing = preprocessing
    self.pictures = pictures
    self.maximumPixels = maximumPixels
    keys = pictures.map { $0.hash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
    let held = min(pictures.count, Self.room / preprocessing.count)
    let state = Mutex<(sources: [AugmentationSource?], done: Int)>(
      ([AugmentationSource?](repeating: nil, count: pictures.count), 0))
    let options = preprocessing.decodingOptions(maximumPixels: maximumPixels)
    try ParallelLoop.run(held, workers: Machine.coreCount) { () throws(ImageError) in
      Resampler()
    } body: { (resampler, index) throws(ImageError) in
      let image = try pictures[index].read(options)
      let source = AugmentationSource(image, preprocessing: preprocessing, precision: .uint8, using: resampler)
      state.withLock {
        $0.sources[index] = source
        $0.done += 1
        progress(WorkProgress("images", $0.done, held))
      }
    }
    sources = state.withLock { $0.sources }
  }

  /// An image ready for augmentation.
  ///
  /// Throws when it is read again and has gone or changed.
  package func source(_ index: Int, using resampler: Resampler) throws(ImageError) -> AugmentationSource {
    if let known = sources[index] { return known }
    let image = try pictures[index].read(preprocessing.decodingOptions(maximumPixels: maximumPixels))
    return AugmentationSource(image, preprocessing: preprocessing, precision: .uint8, using: resampler)
  }
}
