public import AssayBase
import Foundation

/// Why a bundle cannot be read or written.
public struct BundleError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: Sendable {
    case notFound, notABundle, newerSchema, damaged, cannotWrite
    /// Somebody else has changed it since it was read.
    case changed
  }
  public let path: String
  public let reason: Reason
  public let cause: String
  public let remedy: String

  public init(path: String, reason: Reason, cause: String, remedy: String) {
    self.path = path
    self.reason = reason
    self.cause = cause
    self.remedy = remedy
  }

  public var description: String { "\(path): \(cause); \(remedy)" }
}

/// A trained inspector on disk: a folder with `manifest.json`, `model.onnx` and `report.html`.
public struct ModelBundle: Sendable {
  public let path: String
  public private(set) var manifest: Manifest
  /// SHA-256 of `manifest.json`, hexadecimal: it names every other file's hash, so it stands for the whole bundle.
  public private(set) var identity: String
  /// Version of the manifest's form on disk.
  public private(set) var schema: Int

  package static let manifestName = "manifest.json"
  public static let modelName = "model.onnx"
  public static let reportName = "report.html"
  public static let referenceName = "reference.json"

  /// Opens a bundle; every file is checked against the manifest's SHA-256.
  public init(path: String) throws(BundleError) {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw BundleError(path: path, reason: .notFound, cause: "there is no such bundle", remedy: "check the path")
    }
    guard isFolder.boolValue, let data = FileManager.default.contents(atPath: path + "/" + Self.manifestName) else {
      throw BundleError(
        path: path, reason: .notABundle, cause: "it is not an Assay bundle (no manifest.json)",
        remedy: "name a folder that `assay train -o` has written")
    }
    struct Schema: Decodable { let schema: Int }
    guard let schema = try? JSONDecoder().decode(Schema.self, from: data).schema else {
      throw BundleError(
        path: path, reason: .notABundle, cause: "its manifest.json is not an Assay manifest",
        remedy: "train it again, or restore it from a copy")
    }
    guard schema <= Manifest.currentSchema else {
      throw BundleError(
        path: path, reason: .newerSchema,
        cause: "its schema is \(schema), this version reads up to \(Manifest.currentSchema)", remedy: "update Assay")
    }
    guard schema >= 1 else {
      throw BundleError(
        path: path, reason: .damaged, cause: "its schema is \(schema), and the first one is 1",
        remedy: "restore it from a copy or train it again")
    }
    self.schema = schema
    identity = SHA256Digest(of: data).hex
    do {
      manifest = try JSONDecoder().decode(Manifest.self, from: data)
    } catch {
      throw BundleError(
        path: path, reason: .damaged, cause: "its manifest.json is incomplete (\(Self.brief(error)))",
        remedy: "train it again, or restore it from a copy")
    }
    do { try manifest.check() } catch {
      throw BundleError(
        path: path, reason: .damaged, cause: "its manifest.json makes no sense: \(error)",
        remedy: "restore it from a copy or train it again")
    }
    for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
      _ = try Self.checked(path: path, name: name, file: file)
    }
  }

  /// When it was made, ISO 8601, UTC: the modification time of its graph, which no change of a threshold touches; of bundles
  /// of earlier versions what their manifests say. nil when the file's attributes cannot be read.
  public var createdAt: String? {
    if let date = manifest.createdAt { return date }
    let attributes: [FileAttributeKey: Any]
    do { attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + Self.modelName) } catch {
      return nil
    }
    return (attributes[.modificationDate] as? Date).map { Timestamp.text($0) }
  }

  /// A file of the bundle, checked against the manifest.
  public func contents(_ name: String) throws(BundleError) -> [UInt8] {
    guard let file = manifest.files[name] else {
      throw BundleError(path: path, reason: .damaged, cause: "its manifest has no \(name)", remedy: "train it again")
    }
    return [UInt8](try Self.checked(path: path, name: name, file: file))
  }

  private static func checked(path: String, name: String, file: Manifest.File) throws(BundleError) -> Data {
    guard !name.contains("/"), let data = FileManager.default.contents(atPath: path + "/" + name) else {
      throw BundleError(
        path: path, reason: .damaged, cause: "\(name) is missing", remedy: "restore it from a copy or train it again")
    }
    guard data.count == file.size, SHA256Digest(of: data).hex == file.sha256 else {
      throw BundleError(
        path: path, reason: .damaged, cause: "\(name) is not the file that was trained (its SHA-256 differs)",
        remedy: "restore it from a copy or train it again")
    }
    return data
  }

  private static func brief(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "it" : path
    }
    return switch error {
    case DecodingError.keyNotFound(let key, _): "no \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(place(context)) is of another kind than it should be"
    case DecodingError.dataCorrupted(let context): "\(place(context)) is unreadable"
    default: "unreadable"
    }
  }

  // MARK: Writing

  /// Writes a bundle beside its final name and renames it into place, so that a reader or a crash sees a whole bundle
  /// or none. An older bundle of that name is replaced in one step; anything else of that name is refused.
  /// - Parameter expected: identity of the bundle that this one is made of, when it takes its place: if another one is
  ///   there by now, nothing is written.
  public static func write(
    to path: String, manifest: Manifest, files: [String: [UInt8]], replacing expected: String? = nil
  ) throws(BundleError) -> ModelBundle {
    let path = normalised(path)
    try checkReplaceable(path)
    let parent = path.deletingLastPathComponent
    let folder = parent.isEmpty ? "." : parent
    do { try manifest.check() } catch {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "what was trained makes no sense: \(error)",
        remedy: "nothing was written; report this")
    }
    if let graph = files[modelName] { try checkWeights(graph, path: path) }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      StagingFolder.removeAbandoned(beside: path)
      let staging = try StagingFolder(beside: path)
      var complete = manifest
      for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
        let data = Data(bytes)
        complete.files[name] = Manifest.File(sha256: SHA256Digest(of: data).hex, size: bytes.count)
        try staging.write(data, as: name)
      }
      try staging.write(encoded(complete), as: manifestName)
      if let expected {
        let old = try LockedFolder(path)
        guard let current = old.contents(manifestName), SHA256Digest(of: current).hex == expected else {
          throw BundleError(
            path: path, reason: .changed, cause: "it was changed by somebody else in the meantime",
            remedy: "look at it again and repeat the change; nothing was written")
        }
        try staging.move(to: path)
      } else {
        try staging.move(to: path)
      }
      return try ModelBundle(path: path)
    } catch let error as BundleError {
      throw error
    } catch {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "it cannot be written (\(error))",
        remedy: "check free space and permissions; nothing was changed")
    }
  }

  /// Whether `write` would accept this name: asked before hours of training, not after.
  public static func checkReplaceable(_ path: String) throws(BundleError) {
    let path = normalised(path)
    let isTaken = FileManager.default.fileExists(atPath: path)
    if isTaken, !FileManager.default.fileExists(atPath: path + "/" + manifestName) {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "something that is not an Assay bundle has this name",
        remedy: "choose another name with -o")
    }
    var probe = path.deletingLastPathComponent
    while !probe.isEmpty, probe != "/", !FileManager.default.fileExists(atPath: probe) {
      probe = probe.deletingLastPathComponent
    }
    guard FileManager.default.isWritableFile(atPath: probe.isEmpty ? "." : probe) else {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "its folder is not writable", remedy: "choose another place with -o")
    }
  }

  /// Replaces only the manifest (a new threshold, say); the graph is untouched.
  ///
  /// One writer at a time, and only when the bundle on disk is still the one that was read: a change by somebody else in
  /// between is not overwritten. The new manifest takes the old one's place in one step, and both file and folder are on
  /// disk before this returns.
  /// - Throws: ``BundleError``, of reason `changed` when the bundle on disk is another one by now; nothing is written then.
  public mutating func replaceManifest(_ change: (inout Manifest) -> Void) throws(BundleError) {
    var changed = manifest
    change(&changed)
    changed.files = manifest.files
    do { try changed.check() } catch {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "the change makes no sense: \(error)", remedy: "nothing was changed")
    }
    do {
      let data = try Self.encoded(changed)
      let folder = try LockedFolder(path)
      guard let current = folder.contents(Self.manifestName), SHA256Digest(of: current).hex == identity else {
        throw BundleError(
          path: path, reason: .changed, cause: "it was changed by somebody else in the meantime",
          remedy: "look at it again and repeat the change; nothing was written")
      }
      try folder.replace(Self.manifestName, with: data)
      identity = SHA256Digest(of: data).hex
      schema = Manifest.currentSchema
    } catch let error as BundleError {
      throw error
    } catch {
      throw BundleError(
        path: path, reason: .cannotWrite, cause: "manifest.json cannot be written (\(error))",
        remedy: "check space and permissions; nothing was changed")
    }
    manifest = changed
  }

  private static func encoded(_ manifest: Manifest) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(manifest)
  }

  private static func normalised(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}

extension BundleError: WorkflowFailure {
  public var workflowError: WorkflowError {
    switch reason {
    case .notFound: WorkflowError(.noInput, description)
    case .cannotWrite, .changed: WorkflowError(.inputOutput, description)
    default: WorkflowError(.badData, description)
    }
  }
}
