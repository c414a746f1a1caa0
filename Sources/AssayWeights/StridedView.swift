/// A tensor as a file describes it: a strided view of some of its bytes.
package struct StridedView {
  package let element: ElementType
  /// The storage's bytes in the file.
  package let storage: Range<Int>
  /// In elements, as are the strides.
  package let offset: Int
  package let shape: [Int]
  package let strides: [Int]

  /// Row-major, without gaps.
  package init(element: ElementType, storage: Range<Int>, shape: [Int]) {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1].multipliedReportingOverflow(by: shape[axis + 1]).partialValue
    }
    self.init(element: element, storage: storage, offset: 0, shape: shape, strides: strides)
  }

  package init(element: ElementType, storage: Range<Int>, offset: Int, shape: [Int], strides: [Int]) {
    self.element = element
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
  }

  /// Number of elements and the elements of the storage that they lie among.
  /// - Throws: when the view leaves its storage, or counts one element twice.
  package func extent(_ name: String) throws(PickleError) -> (count: Int, span: Range<Int>) {
    func refused(_ cause: String) -> PickleError {
      PickleError("the tensor \(name.readable()) of shape \(shape) \(cause)", remedy: "do not use this file")
    }
    guard offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 }) else { throw refused("has negative sizes") }
    let available = storage.count / element.size
    var count = 1
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      let (reach, tooFar) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      guard !overflow, !tooFar, last <= Int.max - reach else { throw refused("overflows") }
      count = product
      last += reach
    }
    guard count > 0 else { return (0, offset..<offset) }
    guard last < available else {
      throw refused("reaches element \(last) of a storage of \(available)")
    }
    // A stride of zero could ask for more elements than the file has bytes.
    guard count <= last - offset + 1 else { throw refused("overlaps itself") }
    return (count, offset..<last + 1)
  }

  /// Gathers the view's elements in row-major order, as 32-bit floats. ``extent(_:)`` has been checked.
  package func contiguous(_ bytes: [UInt8], count: Int) -> StateDict.Tensor {
    let size = element.size
    let start = storage.lowerBound + offset * size
    let values = bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: count) { out, filled in
        defer { filled = count }
        guard !isDense else {
          if element == .float, count > 0 {
            UnsafeMutableRawBufferPointer(out).copyMemory(
              from: UnsafeRawBufferPointer(rebasing: raw[start..<start + count * size]))
          } else {
            for position in 0..<count { out[position] = element.load(raw, at: start + position * size) }
          }
          return
        }
        var index = [Int](repeating: 0, count: shape.count)
        for position in 0..<count {
          var place = start
          for axis in shape.indices { place += index[axis] * strides[axis] * size }
          out[position] = element.load(raw, at: place)
          for axis in shape.indices.reversed() {
            index[axis] += 1
            if index[axis] < shape[axis] { break }
            index[axis] = 0
          }
        }
      }
    }
    return StateDict.Tensor(shape: shape, values: values)
  }

  /// The same, where every value is a number.
  package func finite(_ bytes: [UInt8], count: Int, _ name: String) throws(PickleError) -> StateDict.Tensor {
    let tensor = contiguous(bytes, count: count)
    guard !tensor.values.withUnsafeBufferPointer(\.areFinite) else { return tensor }
    let place = tensor.values.firstIndex { !$0.isFinite } ?? 0
    let value = tensor.values[place]
    throw PickleError(
      "the tensor \(name.readable()) of shape \(shape) holds \(value) at its place \(place)"
        + (element == .double && value.isInfinite ? ", or more than 32-bit floats hold," : "")
        + " and is no weight",
      remedy: "train or save it again; the training that made it has diverged, or the file is damaged")
  }

  private var isDense: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}

/// The tensors of a file by name, checked against each other before any is read.
package struct StridedViews {
  private var views: [(name: String, view: StridedView)] = []

  package var isEmpty: Bool { views.isEmpty }

  /// The longest name of a tensor, in bytes: a pickle may give one long name to every tensor, and each is hashed.
  package static let longestName = 2000

  package mutating func append(_ name: String, _ view: StridedView) throws(PickleError) {
    guard name.utf8.count <= Self.longestName else {
      throw PickleError(
        "it names a tensor \(name.readable()), in \(name.utf8.count) bytes", remedy: "do not use this file")
    }
    views.append((name, view))
  }

  /// - Throws: when a name comes twice, a tensor leaves its storage, or two tensors share some of their elements but not all:
  ///   reading them all could take far more memory than the file.
  package func tensors(_ bytes: [UInt8]) throws(PickleError) -> [String: StateDict.Tensor] {
    struct Place: Hashable {
      let element: ElementType
      let start: Int
      let shape: [Int]
      let strides: [Int]
    }
    var names: Set<String> = []
    var places: [Place] = []
    var counts: [Place: Int] = [:]
    var spans: [(range: Range<Int>, name: String)] = []
    for (name, view) in views {
      guard names.insert(name).inserted else {
        throw PickleError("it names \(name.readable()) twice", remedy: "do not use this file")
      }
      let (count, span) = try view.extent(name)
      let size = view.element.size
      let base = view.storage.lowerBound
      let place = Place(
        element: view.element, start: base + view.offset * size, shape: view.shape, strides: view.strides)
      places.append(place)
      // Tied weights are one tensor with two names.
      guard counts.updateValue(count, forKey: place) == nil, count > 0 else { continue }
      spans.append((base + span.lowerBound * size..<base + span.upperBound * size, name))
    }
    try checkOverlaps(spans)
    var read: [Place: StateDict.Tensor] = [:]
    var tensors: [String: StateDict.Tensor] = [:]
    for ((name, view), place) in zip(views, places) {
      if read[place] == nil { read[place] = try view.finite(bytes, count: counts[place] ?? 0, name) }
      let tensor = read[place]
      tensors[name] = tensor
    }
    return tensors
  }

  private func checkOverlaps(_ spans: [(range: Range<Int>, name: String)]) throws(PickleError) {
    var end = 0
    var last = ""
    for (range, name) in spans.sorted(by: { ($0.range.lowerBound, $0.name) < ($1.range.lowerBound, $1.name) }) {
      guard range.lowerBound >= end else {
        throw PickleError(
          "the tensors \(last.readable()) and \(name.readable()) overlap", remedy: "do not use this file")
      }
      end = range.upperBound
      last = name
    }
  }
}
