package import AssayBase
package import AssayImage
package import AssayRuntime
import Synchronization

/// How bright the photographs of training were, for a bundle's `reference.json`. No network is asked, so that every image
/// counts as held out.
package enum BrightnessReference {
  /// More tell hardly more, and each is read and decoded once more.
  private static let most = 200

  /// Mean luma of each photograph, 0...1, sorted. A picture that has gone or changed since it was learned from is not among
  /// them.
  /// - Parameters:
  ///   - pictures: of good parts, or of all where none is good; of more than 200, that many at equal steps.
  ///   - preprocessing: decodes them as an inspection does.
  package static func measure(
    _ pictures: [KnownPicture], _ preprocessing: Preprocessing, maximumPixels: Int, progress: @escaping ProgressHandler
  ) -> [Double] {
    guard !pictures.isEmpty else { return [] }
    let step = (pictures.count + most - 1) / most
    let chosen = stride(from: 0, to: pictures.count, by: step).map { pictures[$0] }
    let decoding = preprocessing.decodingOptions(maximumPixels: maximumPixels)
    let state = Mutex<(values: [Double], done: Int)>(([], 0))
    ParallelLoop.run(chosen.count, workers: Machine.coreCount) {
    } body: { _, place in
      var brightness: Double?
      do throws(ImageError) { brightness = try chosen[place].read(decoding).brightness } catch {
        // What was learned from a picture is kept whatever becomes of its file: it is one fewer to compare with.
        brightness = nil
      }
      state.withLock { [brightness] in
        if let brightness { $0.values.append(brightness) }
        $0.done += 1
        progress(WorkProgress("brightness", $0.done, chosen.count))
      }
    }
    return state.withLock { $0.values.sorted() }
  }
}
