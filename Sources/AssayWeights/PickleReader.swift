/// A pickle machine (protocols 2 to 4) that builds values and calls nothing.
///
/// A pickle is a program: Python's own reader runs whatever function a file names. This one knows the opcodes and the few
/// constructors of a state dict; any other is refused by name. Memory is bounded by the length of the input and by
/// ``longestProgram``; containers may hold themselves or be nested without end, see ``release()``.
package final class PickleReader {
  /// Operations in one file. The largest published checkpoints need a tenth, optimiser's state included.
  private static let longestProgram = 500_000

  private let bytes: [UInt8]
  private let end: Int
  package private(set) var position: Int
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var nodes: [PickleNode] = []
  private var operations = 0

  package init(_ bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Takes all containers apart. Without it, what holds itself would never be freed, and what is nested without end would
  /// be freed by as many calls inside each other. Values that were read are empty afterwards.
  package func release() {
    for node in nodes { node.removeAll() }
    nodes = []
  }

  /// Reads one pickle, up to and including its STOP.
  package func read() throws(PickleError) -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    while true {
      operations += 1
      guard operations <= Self.longestProgram else {
        throw PickleError(
          "its pickle has more than \(Self.longestProgram) operations", remedy: "save only the model's state_dict()")
      }
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
      case 0x29: stack.append(.tuple(node([])))
      case 0x85: stack.append(.tuple(node(try popLast(1))))
      case 0x86: stack.append(.tuple(node(try popLast(2))))
      case 0x87: stack.append(.tuple(node(try popLast(3))))
      case 0x74: stack.append(.tuple(node(try popToMark())))
      case 0x5D: stack.append(.list(node([])))
      case 0x6C: stack.append(.list(node(try popToMark())))
      case 0x61: try appendToList([try pop()])
      case 0x65: try appendToList(try popToMark())
      case 0x7D: stack.append(.dictionary(node([])))
      case 0x73:  // SETITEM
        let pair = try popLast(2)
        try setItems(pair)
      case 0x75: try setItems(try popToMark())
      case 0x63: stack.append(.global(try global(line(), line())))  // GLOBAL
      case 0x93:  // STACK_GLOBAL
        let names = try popLast(2)
        guard case .string(let module) = names[0], case .string(let name) = names[1] else { throw malformed }
        stack.append(.global(try global(module, name)))
      case 0x95: _ = try take(8)  // FRAME: a hint for readers of streams
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
        "its pickle asks for \(module.readable()).\(name.readable()), which is refused: it could run code",
        remedy: "save only the model's state_dict(), or do not trust this file")
    }
    return known
  }

  private func reduce() throws(PickleError) {
    let pair = try popLast(2)
    guard case .global(let function) = pair[0], case .tuple(let tuple) = pair[1] else { throw malformed }
    let arguments = tuple.items
    switch function {
    case .orderedDict where arguments.isEmpty:
      stack.append(.dictionary(node([])))
    case .rebuildParameter:
      guard let data = arguments.first, case .tensor = data else { throw malformed }
      stack.append(data)
    case .rebuildTensor:
      guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1],
        let shape = integers(arguments[2]), let strides = integers(arguments[3]), shape.count == strides.count
      else { throw malformed }
      guard offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 }) else {
        throw PickleError(
          "it describes a tensor with negative sizes: offset \(offset), shape \(shape.prefix(8)), strides "
            + "\(strides.prefix(8))", remedy: "do not use this file")
      }
      stack.append(.tensor(PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)))
    default:
      throw malformed
    }
  }

  /// `('storage', TYPE, KEY, LOCATION, COUNT, ...)`
  private func persistentLoad() throws(PickleError) {
    guard case .tuple(let tuple) = try pop(), tuple.items.count >= 5 else { throw malformed }
    let id = tuple.items
    guard case .string("storage") = id[0], case .global(let type) = id[1], let element = type.element,
      case .string(let key) = id[2], case .int(let count) = id[4], count >= 0
    else { throw malformed }
    // Storages are looked up for every tensor, and one long key may serve them all.
    guard key.utf8.count <= StridedViews.longestName else {
      throw PickleError(
        "a storage is called \(key.readable()), in \(key.utf8.count) bytes", remedy: "do not use this file")
    }
    stack.append(.storage(PickleStorage(element: element, key: key, count: count)))
  }

  private func setItems(_ flat: [PickleValue]) throws(PickleError) {
    guard case .dictionary(let node) = stack.last, flat.count % 2 == 0 else { throw malformed }
    node.append(flat)
  }

  private func appendToList(_ values: [PickleValue]) throws(PickleError) {
    guard case .list(let node) = stack.last else { throw malformed }
    node.append(values)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    // One long tuple may be the shape of every tensor: it is not walked each time.
    guard case .tuple(let node) = value, node.items.count <= 64 else { return nil }
    var result: [Int] = []
    for value in node.items {
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

  private func node(_ items: [PickleValue]) -> PickleNode {
    let node = PickleNode(items)
    nodes.append(node)
    return node
  }

  // MARK: Stack and input

  private var malformed: PickleError {
    PickleError("its pickle is malformed at byte \(position)", remedy: "download it again")
  }

  private func pop() throws(PickleError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw malformed }
    return value
  }

  private func popLast(_ count: Int) throws(PickleError) -> [PickleValue] {
    guard stack.count >= (marks.last ?? 0) + count else { throw malformed }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  private func popToMark() throws(PickleError) -> [PickleValue] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw malformed }
    let values = Array(stack[mark...])
    stack.removeLast(values.count)
    return values
  }

  private func remember(_ index: Int) throws(PickleError) {
    guard let top = stack.last else { throw malformed }
    memo[index] = top
  }

  private func recall(_ index: Int) throws(PickleError) -> PickleValue {
    guard let value = memo[index] else { throw malformed }
    return value
  }

  private func byte() throws(PickleError) -> UInt8 {
    guard position < end else { throw .truncated(bytes.count) }
    position += 1
    return bytes[position - 1]
  }

  private func take(_ count: Int) throws(PickleError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= end - position else { throw .truncated(bytes.count) }
    position += count
    return bytes[position - count..<position]
  }

  private func unsigned(_ count: Int) throws(PickleError) -> Int {
    try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func line() throws(PickleError) -> String {
    guard let newline = bytes[position..<end].firstIndex(of: 0x0A) else { throw .truncated(bytes.count) }
    let text = String(decoding: bytes[position..<newline], as: UTF8.self)
    position = newline + 1
    return text
  }
}
