/// What a state dict's pickle can contain.
package enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  /// An integer too large for `Int`, little-endian.
  case long([UInt8])
  case string(String)
  case tuple(PickleNode)
  case list(PickleNode)
  /// Keys and values by turns.
  case dictionary(PickleNode)
  case global(PickleGlobal)
  // Rare and large: a value in a list should not be as large as they are.
  indirect case storage(PickleStorage)
  indirect case tensor(PickleTensor)
}

/// The items of a container, which a pickle may go on filling wherever it has put it: into itself, too.
package final class PickleNode {
  package private(set) var items: [PickleValue]

  package init(_ items: [PickleValue]) { self.items = items }

  /// The value of a dictionary's key.
  package func value(_ name: String) -> PickleValue? {
    for index in stride(from: 0, to: items.count - 1, by: 2) {
      if case .string(name) = items[index] { return items[index + 1] }
    }
    return nil
  }

  package func append(_ values: some Sequence<PickleValue>) { items.append(contentsOf: values) }

  package func removeAll() { items = [] }
}

/// The constructors that are known. Nothing else can be named by a file.
package enum PickleGlobal: String {
  case orderedDict = "collections.OrderedDict"
  case rebuildTensor = "torch._utils._rebuild_tensor_v2"
  case rebuildParameter = "torch._utils._rebuild_parameter"
  case float = "torch.FloatStorage"
  case double = "torch.DoubleStorage"
  case half = "torch.HalfStorage"
  case bfloat16 = "torch.BFloat16Storage"
  case long = "torch.LongStorage"
  case int = "torch.IntStorage"
  case short = "torch.ShortStorage"
  case byte = "torch.ByteStorage"
  case char = "torch.CharStorage"
  case bool = "torch.BoolStorage"

  /// Of a storage; nil for a function.
  package var element: ElementType? {
    switch self {
    case .orderedDict, .rebuildTensor, .rebuildParameter: nil
    case .float: .float
    case .double: .double
    case .half: .half
    case .bfloat16: .bfloat16
    case .long: .long
    case .int: .int
    case .short: .short
    case .byte: .byte
    case .char: .char
    case .bool: .bool
    }
  }
}

package struct PickleStorage {
  package let element: ElementType
  package let key: String
  /// Elements.
  package let count: Int
}

/// A strided view of a storage.
package struct PickleTensor {
  package let storage: PickleStorage
  package let offset: Int
  package let shape: [Int]
  package let strides: [Int]
}

package struct PickleError: Error {
  package let cause: String
  package let remedy: String

  package init(_ cause: String, remedy: String) {
    self.cause = cause
    self.remedy = remedy
  }

  package static func truncated(_ count: Int) -> PickleError {
    PickleError("the checkpoint is truncated or corrupt (\(count) bytes)", remedy: "download it again")
  }
}
