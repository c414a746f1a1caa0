import AssayBase
import AssayData
import AssayImage
import AssayReport
import AssayRuntime
import Foundation
import Synchronization

/// Draws what was understood of a data set: each picture with its classes, boxes, polygons and masks, on pages by class and
/// split, and what was left out with its cause.
public enum DatasetGallery {
  public struct Result: Sendable, Encodable {
    /// The folder.
    public let path: String
    /// Pictures drawn, those of images left out included.
    public let pictures: Int
    /// How the data set was read, and what was left out, unreadable images included.
    public let reading: DataReading
  }

  /// - Parameters:
  ///   - dataset: one that was taken in.
  ///   - path: as it was named.
  ///   - output: the folder to write; one that was written by this before is replaced, anything else is refused.
  /// - Throws: `WorkflowError`; then nothing was written, and nothing half-written is left.
  public static func write(
    _ dataset: Dataset, path: String, to output: String, maximumPixels: Int = DecodingOptions().maximumPixels,
    isCancelled: @escaping @Sendable () -> Bool = { false }, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let folder = try GalleryFolder(output, apartFrom: dataset.root)
      do {
        let colours = GalleryColours(dataset)
        let artist = GalleryArtist(
          folder: folder, drawing: AnnotationDrawing(colours: colours.byClass, maximumPixels: maximumPixels),
          isCancelled: isCancelled, progress: progress)
        let drawn = try artist.draw(dataset.samples)
        var dataset = dataset
        dataset.leaveOut(drawn.failures, of: path, progress: progress)
        let plan = GalleryPlan(dataset, path: path, colours: colours, pictures: drawn.pictures)
        let lost = try artist.draw(plan.lost, from: drawn.pictures.count + drawn.failures.count)
        for file in GalleryPage.files(plan.content(lost: lost.pictures)) {
          try folder.write(Data(file.html.utf8), as: file.path)
        }
        try folder.finish()
        return Result(
          path: folder.path, pictures: drawn.pictures.count + lost.pictures.count,
          reading: DataReading(dataset, path: path))
      } catch {
        folder.remove()
        throw error
      }
    } catch {
      throw WorkflowError(error)
    }
  }
}

/// Draws pictures on all cores.
struct GalleryArtist: Sendable {
  struct Drawn: Sendable {
    /// Relative to the gallery's folder.
    let file: String
    /// Of the drawn picture, and of the photograph.
    let width: Int
    let height: Int
    let photograph: (width: Int, height: Int)
    let troubles: [String]
  }

  let folder: GalleryFolder
  let drawing: AnnotationDrawing
  let isCancelled: @Sendable () -> Bool
  let progress: ProgressHandler

  private struct State {
    var pictures: [ExactName: Drawn] = [:]
    var failures: [ImageError] = []
    var done = 0
  }

  /// - Parameter first: number of the first picture's file.
  func draw(_ samples: [Sample], from first: Int = 0) throws -> (
    pictures: [ExactName: Drawn], failures: [ImageError]
  ) {
    let state = Mutex(State())
    try ParallelLoop.run(samples.count, workers: Machine.coreCount) {
    } body: { _, index in
      if isCancelled() { throw WorkflowError(.interrupted, "stopped; nothing was written") }
      do {
        let drawn = try draw(samples[index], number: first + index)
        state.withLock { $0.pictures[ExactName(samples[index].path)] = drawn }
      } catch let error as ImageError {
        state.withLock { $0.failures.append(error) }
      }
      state.withLock { state in
        state.done += 1
        progress(WorkProgress("drawing", state.done, samples.count))
      }
    }
    return state.withLock { ($0.pictures, $0.failures) }
  }

  private func draw(_ sample: Sample, number: Int) throws -> Drawn {
    let picture = try drawing.draw(sample)
    // Numbers, so that names that clash or that a file system refuses do not matter.
    let file = "pictures/\(number / 1000)/\(number).jpg"
    try folder.write(Data(try picture.canvas.jpeg()), as: file)
    return Drawn(
      file: file, width: picture.canvas.width, height: picture.canvas.height,
      photograph: (picture.width, picture.height), troubles: picture.troubles)
  }
}
