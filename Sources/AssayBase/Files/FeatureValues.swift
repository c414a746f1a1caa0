/// Features of many images, one row after another: an array when they are few, else on disk (``WorkingMemory``), so that the memory
/// which training takes does not grow with the number of images.
public struct FeatureValues: Sendable, RandomAccessCollection, Equatable {
  private enum Storage: Sendable {
    case array([Float])
    case working(WorkingMemory)
  }

  private let storage: Storage
  public let count: Int

  public init(_ values: [Float]) {
    storage = .array(values)
    count = values.count
  }

  /// The first numbers of some working memory, to which nobody writes any more.
  package init(_ memory: WorkingMemory, count: Int) {
    precondition(count <= memory.values.count, "\(count) of \(memory.values.count) numbers")
    storage = .working(memory)
    self.count = count
  }

  /// Numbers that are written once, here.
  /// - Parameter template: the new ones lie where its own do.
  package init(count: Int, like template: FeatureValues, write: (WorkingMemory) -> Void) {
    let memory =
      switch template.storage {
      case .array: WorkingMemory(count: count, folder: nil)
      case .working(let own): own.another(count)
      }
    write(memory)
    self.init(memory, count: count)
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(position: Int) -> Float {
    switch storage {
    case .array(let values): values[position]
    case .working(let memory): memory.values[position]
    }
  }

  public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    switch storage {
    case .array(let values):
      return try values.withUnsafeBufferPointer(body)
    case .working(let memory):
      let result = try body(UnsafeBufferPointer(rebasing: memory.values[..<count]))
      withExtendedLifetime(memory) {}
      return result
    }
  }

  public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result? {
    try withUnsafeBufferPointer(body)
  }

  /// Whether a pass over all should release what it has passed.
  package var isReleasable: Bool {
    switch storage {
    case .array: false
    case .working(let memory): memory.isReleasable
    }
  }

  /// Gives back memory; see ``WorkingMemory/release(_:)``.
  package func release(_ range: Range<Int>) {
    if case .working(let memory) = storage { memory.release(range) }
  }

  /// A copy of some.
  public func array(_ range: Range<Int>) -> [Float] {
    withUnsafeBufferPointer { Array(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  public static func == (a: FeatureValues, b: FeatureValues) -> Bool { a.elementsEqual(b) }
}
