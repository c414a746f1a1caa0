import AssayBase
import AssayImage
import Foundation

/// Writes a data set in another layout.
///
/// Images are linked where the file system allows it and copied elsewhere; masks are drawn as PNG. Everything is written
/// beside the final folder and renamed into place, so that a folder of that name is whole; nothing is overwritten. What lies
/// outside the data set's folder, by a link or by a path in a table, is not taken: ``dataset`` has it among its problems.
public struct DatasetConversion: Sendable {
  public enum Target: String, Sendable, CaseIterable {
    /// `[SPLIT/]CLASS/IMAGE`.
    case classFolders = "class-folders"
    /// MVTec AD: `train/good`, `test/CLASS`, `ground_truth/CLASS/NAME_mask.png`.
    case mvtec
    /// `manifest.csv`, `images` and `masks`.
    case csv
  }

  /// What was written.
  public struct Result: Sendable, Codable, Equatable {
    public var path: String
    public var images: Int
    public var masks: Int
    /// Images that have no label, which class folders and MVTec AD have no place for.
    public var leftOut: Int
  }

  /// What is converted.
  public let dataset: Dataset
  let target: Target

  public init(_ dataset: Dataset, to target: Target) {
    var dataset = dataset
    dataset.leaveOutWhatLiesOutside()
    self.dataset = dataset
    self.target = target
  }

  /// - Parameters:
  ///   - output: the folder to make; it must not exist.
  ///   - rule: decides which good parts MVTec AD's layout tests, where the data set does not.
  ///   - isCancelled: asked between images; when it says so nothing is left behind.
  ///   - progress: (done, total)
  /// - Throws: ``DataError``; then nothing was written.
  public func write(
    to output: String, rule: SplitRule = .init(), isCancelled: () -> Bool = { false },
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(DataError) -> Result {
    let files = FileManager.default
    let path = FileTree.absolute(output)
    guard !files.fileExists(atPath: path) else {
      throw DataError(
        path: output, cause: "it exists already", remedy: "name a folder that does not; nothing is overwritten")
    }
    var bounds = DatasetBounds(dataset.root)
    let parent = path.deletingLastPathComponent
    guard !(path + "/").hasPrefix(dataset.root + "/"), !bounds.contains(parent) else {
      throw DataError(
        path: output, cause: "it lies inside the data set",
        remedy: "name a folder elsewhere, so that the data set stays as it is")
    }
    guard !dataset.samples.isEmpty else {
      throw DataError(
        path: dataset.root, cause: "every image lies outside the data set's folder",
        remedy: "copy them there, since nothing is taken from elsewhere")
    }
    let plan = try ConversionPlan(dataset, target, rule)
    ConversionFolder.removeAbandoned(beside: path)
    let folder = try ConversionFolder(beside: path)
    var result = Result(path: path, images: 0, masks: 0, leftOut: plan.leftOut)
    var rows: [[String]] = []
    do throws(DataError) {
      for (index, item) in plan.items.enumerated() {
        guard !isCancelled() else {
          throw DataError(path: output, cause: "it was stopped", remedy: "run the command again")
        }
        try folder.place(item.sample.path, as: item.image, from: &bounds)
        var written: [String: String] = [:]
        for mask in item.masks {
          if try draw(item.sample, mask.label, to: mask.path, in: folder) {
            written[mask.label ?? ""] = mask.path
            result.masks += 1
          }
        }
        rows.append(plan.row(item, masks: written))
        result.images += 1
        progress(index + 1, plan.items.count)
      }
      if target == .csv {
        try folder.write(Data(ConversionPlan.csv([plan.header] + rows).utf8), as: ManifestLayout.ownName)
      }
      try folder.move(to: path)
    } catch {
      folder.remove()
      throw error
    }
    return result
  }

  /// - Returns: false when nothing is known of the image's pixels.
  private func draw(
    _ sample: Sample, _ label: String?, to path: String, in folder: ConversionFolder
  ) throws(DataError) -> Bool {
    let png: [UInt8]
    do throws(ImageError) {
      let header = try ImageFile.header(path: sample.path, maximumPixels: DecodingOptions().maximumPixels)
      guard let marked = try sample.markedPixels(of: label, width: header.width, height: header.height) else {
        return false
      }
      png = try ImageEncoder.png(
        width: header.width, height: header.height, channels: 1, pixels: marked.map { $0 ? 255 : 0 })
    } catch {
      throw DataError(path: sample.name, cause: error.cause, remedy: error.remedy)
    }
    try folder.write(Data(png), as: path)
    return true
  }
}
