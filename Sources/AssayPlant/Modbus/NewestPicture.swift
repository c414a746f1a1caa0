import AssayImage
import AssayWorkflows
import Foundation
import Synchronization

/// The newest picture of a folder, each at most once: a trigger never gets the picture of the part before.
///
/// Newest is what was changed last. Pictures that are there when the station begins belong to parts that have passed.
public final class NewestPicture: PictureSource {
  private let folder: String
  private let last: Mutex<PictureMark>

  /// - Throws: `WorkflowError` when there is no such folder.
  public init(folder: String) throws(WorkflowError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw WorkflowError(.noInput, "\(folder): there is no such folder; make it or check the path")
    }
    self.folder = folder
    last = Mutex(Self.newest(folder) ?? .none)
  }

  public func next(before deadline: Double) async throws(ModbusFault) -> TakenPicture {
    while true {
      let last = last.withLock { $0 }
      if let mark = Self.newest(folder), mark > last,
        let bytes = try? ImageFile.contents(path: folder + "/" + mark.name)
      {
        return TakenPicture(input: .file(bytes), mark: mark)
      }
      guard monotonicSeconds() < deadline else { throw .noPicture }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  public func settle(_ picture: TakenPicture) {
    last.withLock { $0 = max($0, picture.mark) }
  }

  private static func newest(_ folder: String) -> PictureMark? {
    var newest: PictureMark?
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard !name.hasPrefix("."), ImageFile.extensions.contains((name as NSString).pathExtension.lowercased()) else {
        continue
      }
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let mark = PictureMark(
        seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec), name: name)
      if newest.map({ $0 < mark }) ?? true { newest = mark }
    }
    return newest
  }
}
