import AssayBackbones
import AssayBase
import AssayLearning
import AssayRuntime
import Foundation

/// Checks that everything Assay needs is there.
public struct Doctor: Sendable, Encodable {
  public struct Check: Sendable, Encodable {
    public let name: String
    public let isWell: Bool
    public let detail: String
    public let remedy: String?
  }

  public let checks: [Check]
  public var isWell: Bool { checks.allSatisfy(\.isWell) }

  /// - Parameter optional: further lines, of what is needed for some uses only.
  public init(optional: [(name: String, detail: String)] = []) {
    var checks: [Check] = []
    func add(_ name: String, _ isWell: Bool, _ detail: String, _ remedy: String? = nil) {
      checks.append(Check(name: name, isWell: isWell, detail: detail, remedy: isWell ? nil : remedy))
    }
    add("assay", true, Versions.assay)
    let processor = Machine.processor()
    add("processor", true, "\(processor.name), \(Machine.coreCount) cores in use")
    add(
      "instruction sets", true,
      processor.instructionSets.joined(separator: ", ")
        + (processor.instructionSets.contains("avx2") ? "" : " (no AVX2: it works, but several times more slowly)"))
    add("memory", true, "\(ProcessInfo.processInfo.physicalMemory >> 30) GiB")
    for (title, detail) in Self.engines() { add(title, true, detail) }
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
    for (name, detail) in optional { add(name, true, detail) }
    self.checks = checks
  }

  /// Of each engine: what it is, or why it cannot be used. One is enough.
  private static func engines() -> [(title: String, detail: String)] {
    EngineKind.allCases.map { kind in
      do throws(RuntimeError) {
        return (kind.title, try kind.opened().description())
      } catch {
        return (kind.title, "cannot be used: \(error.cause); \(error.remedy)")
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
