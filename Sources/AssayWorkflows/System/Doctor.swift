import AssayBackbones
import AssayBase
import AssayLearning
import AssayRuntime
import Foundation

/// Checks that everything Assay needs is there.
public struct Doctor: Sendable, Encodable {
  public struct Check: Sendable, Encodable {
    public let name: String
    /// False where Assay cannot do without it, or what there is of it is damaged.
    public let isWell: Bool
    /// False for what is not here and is needed for some uses only.
    public let isHere: Bool
    public let detail: String
    public let remedy: String?
  }

  public let checks: [Check]
  public var isWell: Bool { checks.allSatisfy(\.isWell) }

  /// - Parameter optional: further lines, of what is needed for some uses only.
  public init(optional: [(name: String, detail: String, isHere: Bool)] = []) {
    var checks: [Check] = []
    func add(_ name: String, _ isWell: Bool, _ detail: String, _ remedy: String? = nil) {
      checks.append(Check(name: name, isWell: isWell, isHere: isWell, detail: detail, remedy: isWell ? nil : remedy))
    }
    func add(_ optional: (name: String, detail: String, isHere: Bool)) {
      checks.append(
        Check(name: optional.name, isWell: true, isHere: optional.isHere, detail: optional.detail, remedy: nil))
    }
    add("assay", true, Versions.assay)
    let processor = Machine.processor()
    add("processor", true, "\(processor.name), \(Machine.coreCount) cores in use")
    add(
      "instruction sets", true,
      processor.instructionSets.joined(separator: ", ")
        + (processor.instructionSets.contains("avx2") ? "" : " (no AVX2: it works, but several times more slowly)"))
    add("memory", true, "\(ProcessInfo.processInfo.physicalMemory >> 30) GiB")
    for engine in Self.engines() { add(engine) }
    do throws(RuntimeError) {
      let choice = try Engines.automatic.chosen()
      add("engine", true, choice.note ?? "networks run in \(choice.engine.title) \(choice.engine.version)")
    } catch {
      add("engine", false, error.cause, error.remedy)
    }
    let failure = OneDNNInfo.failure
    add("oneDNN", failure == nil, failure ?? OneDNNInfo.version, "run `make setup`; inspecting goes without it")
    for entry in BackboneCatalogue.entries {
      do throws(WorkflowError) {
        let backbone = try BackboneCatalogue.load(entry.name)
        add(entry.name, true, "\(backbone.description.licence), weights match their SHA-256")
      } catch {
        add(entry.name, false, error.description, "run `make setup`")
      }
    }
    let folder = FeatureCache.defaultFolder
    add("cache", Self.isWritable(folder), "\(folder), \(Self.free(folder))", "make the folder writable")
    for check in optional { add(check) }
    self.checks = checks
  }

  /// Of each engine: what it is, or why it cannot be used. One is enough.
  private static func engines() -> [(name: String, detail: String, isHere: Bool)] {
    EngineKind.allCases.map { kind in
      do throws(RuntimeError) {
        return (kind.title, try kind.opened().description(), true)
      } catch {
        return (kind.title, "cannot be used: \(error.cause); \(error.remedy)", false)
      }
    }
  }

  private static func isWritable(_ folder: String) -> Bool {
    // The check says what to do about it.
    (try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)) != nil
      && FileManager.default.isWritableFile(atPath: folder)
  }

  private static func free(_ folder: String) -> String {
    DiskSpace.free(folder).map { "\(DiskSpace.text($0)) free" } ?? "free space not known"
  }
}
