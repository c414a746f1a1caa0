import ArgumentParser
import AssayRuntime
import Synchronization

/// What runs networks.
struct EngineArguments: ParsableArguments {
  /// `auto`, or one of ``EngineKind``.
  enum Choice: Hashable, CaseIterable, ExpressibleByArgument {
    case auto
    case kind(EngineKind)

    static var allCases: [Choice] { [.auto] + EngineKind.allCases.map(Choice.kind) }
    static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }

    init?(argument: String) {
      guard let choice = Self.allCases.first(where: { $0.defaultValueDescription == argument }) else { return nil }
      self = choice
    }

    var defaultValueDescription: String {
      switch self {
      case .auto: "auto"
      case .kind(let kind): kind.rawValue
      }
    }

    var engines: Engines {
      switch self {
      case .auto: .automatic { EngineNote.say($0) }
      case .kind(let kind): Engines(kind)
      }
    }
  }

  @Option(help: "What runs networks: auto, openvino or onnxruntime; auto is the first of them that is here.")
  var engine = Choice.auto

  func engines(_ use: OptionUse) -> Engines { use("--engine", engine).engines }
}

/// Says once that networks run in another engine than usual.
private enum EngineNote {
  private static let isSaid = Mutex(false)

  static func say(_ note: String) {
    let isFirst = isSaid.withLock { said in
      defer { said = true }
      return !said
    }
    if isFirst { Console.say("note: \(note)") }
  }
}
