package import AssayRuntime
import Foundation
package import Logging
import Synchronization

/// The bundles that are served. One that changes on disk is loaded beside the old one and takes its place in one step:
/// who has begun with the old one ends with it.
package final class BundleShelf: Sendable {
  /// What a file system says of a bundle: when it changes, the bundle has changed.
  private struct Mark: Equatable {
    let device: UInt
    let inode: UInt
    let seconds: Int
    let nanoseconds: Int
    let size: Int

    /// nil when there is no whole bundle.
    init?(path: String) {
      var status = stat()
      guard stat(path + "/manifest.json", &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
      seconds = Int(status.st_mtim.tv_sec)
      nanoseconds = Int(status.st_mtim.tv_nsec)
      size = Int(status.st_size)
    }
  }

  private struct Place {
    let path: String
    var served: ServedBundle?
    var mark: Mark?
    /// Why the bundle now on disk is not the one served.
    var failure: String?
    /// Came from a folder of bundles, so it may go again.
    let isFound: Bool
  }

  /// For the page and for `GET /v1/models`.
  package struct Entry: Sendable {
    package let name: String
    package let path: String
    package let served: ServedBundle?
    package let failure: String?
  }

  private let places = Mutex<[String: Place]>([:])
  private let listeners = Mutex<[@Sendable () -> Void]>([])
  private let folders: [String]
  private let maximumPixels: Int
  private let engines: Engines
  private let logger: Logger
  /// Bundles of the folders whose names cannot be served, each said once.
  /// Folders that could not be looked into the last time.
  private let unreadable = Mutex<Set<String>>([])
  private let refused = Mutex<Set<String>>([])
  /// One loading at a time: compiling takes all cores.
  private let loading = DispatchQueue(label: "assay.bundles")

  /// - Throws: ``StationError`` when a bundle is missing or a name is taken; `BundleError` and others when one cannot be
  ///   loaded.
  package init(_ arguments: [String], maximumPixels: Int, engines: Engines = .automatic, logger: Logger) throws {
    self.maximumPixels = maximumPixels
    self.engines = engines
    self.logger = logger
    var folders: [String] = []
    var named: [(name: String, path: String)] = []
    for argument in arguments {
      let (given, path) = Self.parse(argument)
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      if given == nil, exists, isFolder.boolValue, !FileManager.default.fileExists(atPath: path + "/manifest.json") {
        folders.append(path)
      } else {
        named.append((given ?? Self.name(of: path), path))
      }
    }
    self.folders = folders
    for (name, path) in named {
      guard Self.isName(name) else {
        throw StationError(
          .usage, "\(path): \(name) cannot be part of an address (\(Self.nameRule)); name it: NAME=\(path)")
      }
      try places.withLock { places in
        guard places[name] == nil else {
          throw StationError(.usage, "\(path): another bundle is called \(name); give one a name: NAME=\(path)")
        }
        places[name] = Place(path: path, isFound: false)
      }
      try load(name)
    }
    look()
    guard !names.isEmpty || !folders.isEmpty else { throw StationError(.usage, "name at least one bundle") }
  }

  private static func parse(_ argument: String) -> (name: String?, path: String) {
    guard let sign = argument.firstIndex(of: "="), !argument[..<sign].contains("/") else { return (nil, argument) }
    return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
  }

  package static func name(of path: String) -> String {
    let last = URL(fileURLWithPath: path).lastPathComponent
    return last.hasSuffix(".assay") ? String(last.dropLast(6)) : last
  }

  private static let nameRule = "1 to 100 of a to z, A to Z, 0 to 9, -, _ and ., which does not come first"

  package static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.count <= 100 && name.first != "."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// - Parameter body: called on any thread whenever a bundle was loaded, could not be loaded, came or went.
  package func whenChanged(_ body: @escaping @Sendable () -> Void) { listeners.withLock { $0.append(body) } }

  private func tellChange() {
    for body in listeners.withLock({ $0 }) { body() }
  }

  package var names: [String] { places.withLock { $0.keys.sorted() } }

  package var entries: [Entry] {
    places.withLock { places in
      places.map { Entry(name: $0, path: $1.path, served: $1.served, failure: $1.failure) }
    }.sorted { $0.name < $1.name }
  }

  package subscript(name: String) -> ServedBundle? { places.withLock { $0[name]?.served } }

  package func path(_ name: String) -> String? { places.withLock { $0[name]?.path } }

  /// Every bundle that is on the shelf can be used.
  package var isReady: Bool { places.withLock { !$0.isEmpty && $0.values.allSatisfy { $0.served != nil } } }

  /// Loads a bundle again. Blocks; the old one is served meanwhile, and goes on being served when this throws.
  package func load(_ name: String) throws {
    guard let path = path(name) else { throw StationError(.noInput, "no bundle is called \(name)") }
    try loading.sync {
      // The mark is taken first: what changes while loading is loaded again.
      let mark = Mark(path: path)
      do {
        let bundle = try ServedBundle(name: name, path: path, maximumPixels: maximumPixels, engines: engines)
        places.withLock { places in
          places[name]?.served = bundle
          places[name]?.mark = mark
          places[name]?.failure = nil
        }
        logger.info(
          "bundle loaded",
          metadata: ["model": "\(name)", "version": "\(bundle.version)", "engine": "\(bundle.engine)"])
        tellChange()
      } catch {
        places.withLock { places in
          places[name]?.mark = mark
          places[name]?.failure = String(describing: error)
        }
        logger.error("bundle not loaded", metadata: ["model": "\(name)", "error": "\(error)"])
        tellChange()
        throw error
      }
    }
  }

  /// Looks for bundles that have changed, come or gone, and loads what is new. Blocks.
  package func look() {
    for folder in folders {
      guard let entries = listing(of: folder) else { continue }
      let found = entries.filter {
        $0.hasSuffix(".assay") && !$0.hasSuffix(".previous.assay") && !$0.hasSuffix(".candidate.assay")
      }
      let names = found.map(Self.name(of:))
      let present = Set(names.filter(Self.isName))
      refuse(names.filter { !Self.isName($0) }, in: folder)
      let hasChanged = places.withLock { places in
        let before = Set(places.keys)
        for name in present where places[name] == nil {
          places[name] = Place(path: "\(folder)/\(name).assay", isFound: true)
        }
        for (name, place) in places where place.isFound && !present.contains(name) && place.path.hasPrefix(folder + "/")
        {
          places[name] = nil
          logger.info("bundle removed", metadata: ["model": "\(name)"])
        }
        return Set(places.keys) != before
      }
      if hasChanged { tellChange() }
    }
    for (name, place) in places.withLock({ $0 }) {
      guard let mark = Mark(path: place.path), mark != place.mark else { continue }
      try? load(name)
    }
  }

  /// nil while a folder cannot be looked into: the bundles that came from it are served on, since a share that is away for a
  /// moment has not lost them.
  private func listing(of folder: String) -> [String]? {
    do {
      let entries = try FileManager.default.contentsOfDirectory(atPath: folder)
      if unreadable.withLock({ $0.remove(folder) }) != nil {
        logger.notice("the folder of bundles is back", metadata: ["folder": "\(folder)"])
      }
      return entries
    } catch {
      if unreadable.withLock({ $0.insert(folder).inserted }) {
        logger.error(
          "the folder of bundles cannot be read; what came from it is served on",
          metadata: ["folder": "\(folder)", "error": "\(error)"])
      }
      return nil
    }
  }

  /// A bundle whose name cannot be served may come at any time, and must not be missing without a word.
  private func refuse(_ names: [String], in folder: String) {
    let paths = Set(names.map { "\(folder)/\($0).assay" })
    let fresh = refused.withLock { known in
      defer { known = known.filter { !$0.hasPrefix(folder + "/") }.union(paths) }
      return paths.subtracting(known)
    }
    for path in fresh.sorted() {
      logger.error(
        "bundle not served: its name cannot be part of an address; rename it, or serve it as NAME=PATH",
        metadata: ["path": "\(path)", "names": "\(Self.nameRule)"])
    }
  }
}
