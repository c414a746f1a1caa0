import AssayStation
import AssayTestSupport
import Foundation
import Testing

@Suite struct WatchDriftTests {
  /// A watched folder compares with training as a station does. The tiny bundle's training parts have feature distances from
  /// 0 to 19/16; all of these have 0.
  @Test func picturesUnlikeThoseOfTrainingAreSaidOnce() throws {
    let folder = TemporaryFolder()
    let bundle = try TinyBundle.write(.classifier, in: folder.path)
    for index in 0..<60 { folder.write("in/\(index).png", Pictures.grey(0)) }
    let watcher = try FolderWatcher(bundle: bundle, folder: folder.path + "/in", patience: 0)
    var notices: [String] = []
    for _ in 0..<4 {
      _ = try watcher.look { _ in }
      notices += watcher.takeNotices()
    }
    #expect(notices.count == 1 && notices[0].contains("the latest 50 pictures"), "\(notices)")
    folder.write("in/more.png", Pictures.grey(0))
    for _ in 0..<2 { _ = try watcher.look { _ in } }
    #expect(watcher.takeNotices().isEmpty)
  }
}
