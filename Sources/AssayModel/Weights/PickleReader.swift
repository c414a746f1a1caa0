/// What a state dict's pickle can contain.
indirect enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  /// An integer too large for `Int`, little-endian.
  case long([UInt8])
  case string(String)
  case tuple([PickleValue])
  case list([PickleValue])
  case dictionary(PickleDictionary)
  case global(PickleGlobal)
  case storage(PickleStorage)
  case tensor(PickleTensor)
}

/// A dictionary keeps its identity while the pickle fills it, hence a class.
final class PickleDictionary {
  var items: [(PickleValue, PickleValue)] = []

  func value(_ name: String) -> PickleValue? {
    for case (.string(name), let value) in items { return value }
    return nil
  }
}

/// The constructors that are known. Nothing else can be named by a file.
enum PickleGlobal: String {
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

  /// Bytes of one element, for storages.
  var size: Int {
    switch self {
    case .double, .long: 8
    case .float, .int: 4
    case .half, .bfloat16, .short: 2
    default: 1
    }
  }

  var isStorage: Bool {
    switch self {
    case .orderedDict, .rebuildTensor, .rebuildParameter: false
    default: true
    }
  }
}

struct PickleStorage {
  let type: PickleGlobal
  let key: String
}

/// A strided view of a storage.
struct PickleTensor {
  let storage: PickleStorage
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

struct PickleError: Error {
  let cause: String
  let remedy: String

  init(_ cause: String, remedy: String) {
    self.cause = cause
    self.remedy = remedy
  }

  static func truncated(_ count: Int) -> PickleError {
    PickleError("the checkpoint is truncated or corrupt (\(count) bytes)", remedy: "download it again")
  }
}

/// A pickle machine (protocol 2) that builds values and calls nothing.
///
/// A pickle is a program: Python's own reader runs whatever function a file names. This one knows the opcodes and the few
/// constructors of a state dict; any other is refused by name. Memory is bounded by the length of the input.
struct PickleReader {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var position: Int
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  init(_ bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Reads one pickle, up to and including its STOP.
  mutating func read() throws(PickleError) -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    while true {
      let opcode = try byte()
      switch opcode {
      case 0x80:  // PROTO
        let version = try byte()
        guard version <= 4 else {
          throw PickleError("pickle protocol \(version) is not supported", remedy: "save it with pickle protocol 2")
        }
      case 0x2E:  // STOP
        return try pop()
      case 0x28: marks.append(stack.count)  // MARK
      case 0x30: _ = try pop()  // POP
      case 0x4E: stack.append(.none)
      case 0x88: stack.append(.bool(true))
      case 0x89: stack.append(.bool(false))
      case 0x4A: stack.append(.int(Int(Int32(truncatingIfNeeded: try unsigned(4)))))  // BININT
      case 0x4B: stack.append(.int(try unsigned(1)))
      case 0x4D: stack.append(.int(try unsigned(2)))
      case 0x8A: stack.append(long(try take(try unsigned(1))))  // LONG1
      case 0x47:  // BINFLOAT, big-endian
        let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        stack.append(.float(Double(bitPattern: bits)))
      case 0x58: stack.append(.string(String(decoding: try take(unsigned(4)), as: UTF8.self)))  // BINUNICODE
      case 0x8C: stack.append(.string(String(decoding: try take(unsigned(1)), as: UTF8.self)))
      case 0x29: stack.append(.tuple([]))
      case 0x85: stack.append(.tuple(try popLast(1)))
      case 0x86: stack.append(.tuple(try popLast(2)))
      case 0x87: stack.append(.tuple(try popLast(3)))
      case 0x74: stack.append(.tuple(try popToMark()))
      case 0x5D: stack.append(.list([]))
      case 0x6C: stack.append(.list(try popToMark()))
      case 0x61: try appendToList([try pop()])
      case 0x65: try appendToList(try popToMark())
      case 0x7D: stack.append(.dictionary(PickleDictionary()))
      case 0x73:  // SETITEM
        let pair = try popLast(2)
        try setItems(pair)
      case 0x75: try setItems(try popToMark())
      case 0x63: stack.append(.global(try global(line(), line())))  // GLOBAL
      case 0x52: try reduce()
      case 0x51: try persistentLoad()
      case 0x62: _ = try pop()  // BUILD: attributes of the dictionary (`_metadata`) are of no use here
      case 0x71: try remember(unsigned(1))  // BINPUT
      case 0x72: try remember(unsigned(4))
      case 0x94: try remember(memo.count)
      case 0x68: stack.append(try recall(unsigned(1)))
      case 0x6A: stack.append(try recall(unsigned(4)))
      default:
        throw PickleError(
          "its pickle uses opcode 0x\(String(opcode, radix: 16)) at byte \(position - 1), which no state dict needs",
          remedy: "save only the model's state_dict()")
      }
    }
  }

  private func global(_ module: String, _ name: String) throws(PickleError) -> PickleGlobal {
    guard let known = PickleGlobal(rawValue: "\(module).\(name)") else {
      throw PickleError(
        "its pickle asks for \(module).\(name), which is refused: it could run code",
        remedy: "save only the model's state_dict(), or do not trust this file")
    }
    return known
  }

  private mutating func reduce() throws(PickleError) {
    let pair = try popLast(2)
    guard case .global(let function) = pair[0], case .tuple(let arguments) = pair[1] else { throw malformed }
    switch function {
    case .orderedDict where arguments.isEmpty:
      stack.append(.dictionary(PickleDictionary()))
    case .rebuildParameter:
      guard let data = arguments.first, case .tensor = data else { throw malformed }
      stack.append(data)
    case .rebuildTensor:
      guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1],
        let shape = integers(arguments[2]), let strides = integers(arguments[3]), shape.count == strides.count,
        offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 })
      else { throw malformed }
      stack.append(.tensor(PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)))
    default:
      throw malformed
    }
  }

  /// `('storage', TYPE, KEY, LOCATION, COUNT, ...)`
  private mutating func persistentLoad() throws(PickleError) {
    guard case .tuple(let id) = try pop(), id.count >= 5, case .string("storage") = id[0],
      case .global(let type) = id[1],
      type.isStorage, case .string(let key) = id[2]
    else { throw malformed }
    stack.append(.storage(PickleStorage(type: type, key: key)))
  }

  private mutating func setItems(_ flat: [PickleValue]) throws(PickleError) {
    guard case .dictionary(let box) = stack.last, flat.count % 2 == 0 else { throw malformed }
    for index in stride(from: 0, to: flat.count, by: 2) { box.items.append((flat[index], flat[index + 1])) }
  }

  private mutating func appendToList(_ values: [PickleValue]) throws(PickleError) {
    guard case .list(let list) = try pop() else { throw malformed }
    stack.append(.list(list + values))
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let values) = value else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .int(let number) = value else { return nil }
      result.append(number)
    }
    return result
  }

  private func long(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .long(Array(bytes)) }
    var value: UInt64 = bytes.last.map { $0 >= 0x80 ? .max : 0 } ?? 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .int(Int(Int64(bitPattern: value)))
  }

  // MARK: Stack and input

  private var malformed: PickleError {
    PickleError("its pickle is malformed at byte \(position)", remedy: "download it again")
  }

  private mutating func pop() throws(PickleError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw malformed }
    return value
  }

  private mutating func popLast(_ count: Int) throws(PickleError) -> [PickleValue] {
    guard stack.count >= (marks.last ?? 0) + count else { throw malformed }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  private mutating func popToMark() throws(PickleError) -> [PickleValue] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw malformed }
    let values = Array(stack[mark...])
    stack.removeLast(values.count)
    return values
  }

  private mutating func remember(_ index: Int) throws(PickleError) {
    guard let top = stack.last else { throw malformed }
    memo[index] = top
  }

  private func recall(_ index: Int) throws(PickleError) -> PickleValue {
    guard let value = memo[index] else { throw malformed }
    return value
  }

  private mutating func byte() throws(PickleError) -> UInt8 {
    guard position < end else { throw .truncated(bytes.count) }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ count: Int) throws(PickleError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= end - position else { throw .truncated(bytes.count) }
    position += count
    return bytes[position - count..<position]
  }

  private mutating func unsigned(_ count: Int) throws(PickleError) -> Int {
    try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private mutating func line() throws(PickleError) -> String {
    guard let newline = bytes[position..<end].firstIndex(of: 0x0A) else { throw .truncated(bytes.count) }
    let text = String(decoding: bytes[position..<newline], as: UTF8.self)
    position = newline + 1
    return text
  }
}
