public import AssayWeights
import Foundation

/// Names and shapes of a state dict's tensors: all that is needed to tell what network they belong to.
public struct TensorShapes: Sendable {
  public let shapes: [String: [Int]]

  public init(_ shapes: [String: [Int]]) {
    self.shapes = shapes
  }

  public init(_ state: StateDict) {
    shapes = state.tensors.mapValues(\.shape)
  }

  package subscript(name: String) -> [Int]? { shapes[name] }

  package func has(_ name: String) -> Bool { shapes[name] != nil }

  /// How many different numbers follow a prefix: with `layer1.`, the blocks of that stage.
  package func count(behind prefix: String) -> Int {
    var numbers: Set<Substring> = []
    for name in shapes.keys where name.hasPrefix(prefix) {
      let rest = name.dropFirst(prefix.count).prefix { $0 != "." }
      if Int(rest) != nil { numbers.insert(rest) }
    }
    return numbers.count
  }

  /// What a person needs to see to know what the file holds: the first and largest tensors.
  package var summary: String {
    let names = shapes.keys.sorted()
    let shown = names.prefix(6).map { "\($0.readable()) \(shapes[$0] ?? [])" }.joined(separator: ", ")
    let groups = Set(names.map { $0.prefix { $0 != "." } }).sorted().prefix(12).map { String($0).readable(24) }
    return
      "\(names.count) tensors in \(groups.joined(separator: ", ")): \(shown)\(names.count > 6 ? ", ..." : "")"
  }
}
