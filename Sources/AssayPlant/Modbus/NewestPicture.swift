package import AssayBase
import AssayData
import AssayImage
import AssayStation
import Foundation
import Synchronization

/// The newest picture of a folder, each at most once: a trigger never gets the picture of the part before.
///
/// New is what was first seen, or has become another file (by inode, size or time of change), since the picture of the last
/// trigger; pictures that are there when the station begins belong to parts that have passed. Among new ones that one is
/// taken that came last. What a camera's clock says counts for nothing: pictures an hour behind are taken when they arrive,
/// and one an hour ahead is in nobody's way.
package final class NewestPicture: PictureSource {
  private struct Sight {
    let file: FileMark
    /// Later ones are greater.
    let order: Int
    var isOld: Bool
    /// Gone ones are remembered: a share that comes back after an outage does not bring new pictures.
    var isThere = true

    /// Without the device, whose number is another after a share was mounted again.
    func isOf(_ other: FileMark) -> Bool {
      file.inode == other.inode && file.size == other.size && file.modified == other.modified
    }
  }

  private struct State {
    var sights: [ExactName: Sight] = [:]
    var orders = 0
    /// The picture that was judged or given up last: its file, its length and what its bytes were.
    var settled: (name: ExactName, file: FileMark, length: Int, hash: String)?
  }

  private let folder: String
  private let state: Mutex<State>
  /// Bytes of a file at most.
  private static let longest = DecodingOptions().maximumPixels * 8 + (64 << 20)

  /// - Throws: `WorkflowError` when there is no such folder.
  package init(folder: String) throws(WorkflowError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw WorkflowError(.noInput, "\(folder): there is no such folder; make it or check the path")
    }
    self.folder = folder
    state = Mutex(State())
    state.withLock { state in
      _ = Self.look(folder, &state)
      for name in state.sights.keys { state.sights[name]?.isOld = true }
    }
  }

  package func next(before deadline: Double) async throws(ModbusFault) -> TakenPicture {
    while true {
      let began = monotonicSeconds()
      let fault: ModbusFault
      switch state.withLock({ take(&$0) }) {
      case .picture(let picture): return picture
      case .unreadable: fault = .unreadable
      case .none: fault = .noPicture
      }
      let now = monotonicSeconds()
      guard now < deadline else {
        if fault == .unreadable { giveUp() }
        throw fault
      }
      // A folder of very many pictures must not take a core for itself.
      try? await Task.sleep(for: .milliseconds(max(10, Int((now - began) * 2000))))
    }
  }

  package func settle(_ picture: TakenPicture) {
    guard let file = picture.mark.file, case .file(let bytes) = picture.input else { return }
    let hash = ContentHash.of(bytes)
    state.withLock { state in
      Self.retire(&state, upTo: picture.mark.order)
      state.settled = (picture.mark.name, file, bytes.count, hash)
    }
  }

  private enum Taken {
    case picture(TakenPicture)
    case unreadable
    case none
  }

  private func take(_ state: inout State) -> Taken {
    guard let (name, sight) = Self.look(folder, &state), sight.file.size > 0 else { return .none }
    switch SettledFile.read(folder + "/" + name.text, as: sight.file, atMost: Self.longest) {
    case .bytes(let bytes):
      // Whoever wrote the last picture may have added to it or set its time after it was judged.
      if let last = state.settled, last.name == name, last.file.isSameFile(as: sight.file),
        bytes.count >= last.length, ContentHash.of(Array(bytes.prefix(last.length))) == last.hash
      {
        state.sights[name]?.isOld = true
        return .none
      }
      return .picture(
        TakenPicture(input: .file(bytes), mark: PictureMark(name: name, file: sight.file, order: sight.order)))
    case .changed: return .none
    case .refused: return .unreadable
    }
  }

  /// What cannot be read does not stand in the way of the next.
  private func giveUp() {
    state.withLock { state in
      guard let (_, sight) = Self.newest(state) else { return }
      Self.retire(&state, upTo: sight.order)
    }
  }

  private static func retire(_ state: inout State, upTo order: Int) {
    for (name, sight) in state.sights where sight.order <= order { state.sights[name]?.isOld = true }
  }

  /// Notes what has come since the last look.
  /// - Returns: the newest picture that has not been taken.
  private static func look(_ folder: String, _ state: inout State) -> (ExactName, Sight)? {
    guard let names = FolderEntries(of: folder)?.names else { return nil }
    var present: [ExactName: Sight] = [:]
    var fresh: [(name: ExactName, file: FileMark)] = []
    for name in names {
      guard !name.hasPrefix("."), ImageFile.extensions.contains(name.pathExtension.lowercased()),
        let file = FileMark(path: folder + "/" + name), file.kind == .regular
      else { continue }
      let key = ExactName(name)
      if let known = state.sights[key], known.isOf(file) {
        present[key] = Sight(file: file, order: known.order, isOld: known.isOld)
      } else {
        fresh.append((key, file))
      }
    }
    // Of those that came between two looks the file system's clock tells the order; it is one clock for all of them.
    fresh.sort { ($0.file.changed, $0.file.modified, $0.name) < ($1.file.changed, $1.file.modified, $1.name) }
    let byFile = fresh.isEmpty ? [:] : Dictionary(state.sights.values.map { ($0.file.inode, $0) }) { a, _ in a }
    for (name, file) in fresh {
      // A picture that was only renamed is the one that it was.
      if let known = byFile[file.inode], known.isOf(file) {
        present[name] = Sight(file: file, order: known.order, isOld: known.isOld)
        continue
      }
      state.orders += 1
      present[name] = Sight(file: file, order: state.orders, isOld: false)
    }
    let gone = state.sights.filter { present[$0.key] == nil }
    if gone.count <= present.count + remembered {
      for (name, sight) in gone {
        present[name] = Sight(file: sight.file, order: sight.order, isOld: sight.isOld, isThere: false)
      }
    }
    state.sights = present
    return newest(state)
  }

  /// Gone pictures that are remembered beyond as many as there are.
  private static let remembered = 10_000

  private static func newest(_ state: State) -> (ExactName, Sight)? {
    state.sights.filter { !$0.value.isOld && $0.value.isThere }.max { $0.value.order < $1.value.order }.map {
      ($0.key, $0.value)
    }
  }
}
