import Foundation

/// A training method's own settings, as a manifest keeps them.
///
/// Manifests know no methods: this is a JSON tree, from which each method reads its own ``MethodRecipe``. What cannot be
/// understood is kept as it is. It keeps no bundle from inspecting, and is an error, by name, for who trains or teaches by
/// it.
///
/// Where schema 1 had `solver`, words printed by the method, these are kept in a recipe whose only member is `solver`, and
/// the method reads them too.
public struct Recipe: Sendable, Equatable {
  package let tree: JSONTree

  /// Of a manifest that says nothing of how it was trained.
  public static let unknown = Recipe(tree: .null)

  package static let field = "training.recipe"
  package static let earlierField = "solver"

  package init(tree: JSONTree) { self.tree = tree }

  /// - Throws: `EncodingError` when one of the settings is no number.
  public init(_ settings: some Encodable) throws {
    tree = try JSONDecoder().decode(JSONTree.self, from: JSONEncoder().encode(settings))
  }

  /// As schema 1 had it.
  public init(solver: [String: String]) {
    tree = .object([Self.earlierField: .object(solver.mapValues(JSONTree.text))])
  }

  /// - Throws: which setting is missing, of another kind, or makes no sense.
  public func decoded<Settings: MethodRecipe>(as type: Settings.Type) throws(ManifestFault) -> Settings {
    guard tree != .null else { throw ManifestFault(Self.field, "is missing") }
    let settings: Settings
    if let earlier {
      settings = try Settings(solver: SolverWords(earlier))
    } else {
      do {
        settings = try JSONDecoder().decode(type, from: JSONEncoder().encode(tree))
      } catch {
        throw fault(error)
      }
    }
    try settings.check()
    return settings
  }

  /// What schema 1 said.
  package var earlier: JSONTree? {
    if case .object(let members) = tree, members.count == 1 { members[Self.earlierField] } else { nil }
  }

  private func fault(_ error: any Error) -> ManifestFault {
    func field(_ path: [any CodingKey]) -> String { ([Self.field] + path.map(\.stringValue)).joined(separator: ".") }
    func odd(_ context: DecodingError.Context) -> ManifestFault {
      // Of a number that does not fit the decoder does not tell the place.
      if context.codingPath.isEmpty, case .object = tree {
        return ManifestFault(Self.field, "has a number that is not whole, or too large: \(words)")
      }
      return ManifestFault(field(context.codingPath), "is \(found(context.codingPath)), which is not understood")
    }
    return switch error {
    case DecodingError.keyNotFound(let key, let context): ManifestFault(field(context.codingPath + [key]), "is missing")
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context): odd(context)
    case DecodingError.dataCorrupted(let context): odd(context)
    default: ManifestFault(Self.field, "is not understood")
    }
  }

  private func found(_ path: [any CodingKey]) -> String {
    let value = path.reduce(tree) { tree, key in
      (key.intValue.map { tree?[$0] } ?? tree?[key.stringValue]) ?? nil
    }
    let words = (value ?? .null).words
    return words.isEmpty ? "empty" : words
  }
}

extension Recipe: Codable {
  private enum Place: String, CodingKey { case recipe, solver }

  public init(from decoder: any Decoder) throws { tree = try JSONTree(from: decoder) }

  public func encode(to encoder: any Encoder) throws { try tree.encode(to: encoder) }

  /// From the part of a manifest that has it: under `recipe`, or under `solver` in schema 1.
  package init(partOf decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Place.self)
    if let recipe = try values.decodeIfPresent(Recipe.self, forKey: .recipe) {
      self = recipe
    } else if let words = try values.decodeIfPresent(JSONTree.self, forKey: .solver) {
      self.init(tree: .object([Self.earlierField: words]))
    } else {
      self = .unknown
    }
  }
}
