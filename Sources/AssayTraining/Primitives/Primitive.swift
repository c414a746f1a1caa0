import COneDNN

/// Where a primitive's argument lies.
enum ArgumentSource {
  case buffer(Buffer)
  case fixed(UnsafeMutablePointer<Float>)

  var pointer: UnsafeMutablePointer<Float> {
    switch self {
    case .buffer(let buffer): buffer.pointer
    case .fixed(let pointer): pointer
    }
  }
}

/// A description from which a primitive is made; freed with its owner.
final class PrimitiveDescriptor {
  let handle: dnnl_primitive_desc_t?

  /// - Parameter create: gives the new descriptor.
  init(
    _ what: String, _ create: (inout dnnl_primitive_desc_t?, dnnl_primitive_attr_t?) -> dnnl_status_t,
    postOp: dnnl_post_ops_t? = nil
  )
    throws(TrainingError)
  {
    var attributes: dnnl_primitive_attr_t?
    try OneDNN.check(dnnl_primitive_attr_create(&attributes), what)
    defer { dnnl_primitive_attr_destroy(attributes) }
    try OneDNN.check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), what)
    if let postOp { try OneDNN.check(dnnl_primitive_attr_set_post_ops(attributes, postOp), what) }
    var made: dnnl_primitive_desc_t?
    try OneDNN.check(create(&made, attributes), what)
    handle = made
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// The name of the implementation: `jit:...` is fast, `ref:...` is not.
  var implementation: String {
    var text: UnsafePointer<CChar>?
    guard dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &text) == dnnl_success, let text else {
      return ""
    }
    return String(cString: text)
  }

  func layout(_ what: dnnl_query_t, index: Int = 0) throws(TrainingError) -> MemoryDescriptor {
    try .chosen(by: handle, what, index: index)
  }
}

/// A oneDNN primitive with its arguments.
final class Primitive {
  private let handle: dnnl_primitive_t?
  private let oneDNN: OneDNN
  private let sources: [ArgumentSource]
  private var arguments: [dnnl_exec_arg_t] = []
  private var isBound = false
  private let hasScratch: Bool

  init(
    _ oneDNN: OneDNN, _ descriptor: PrimitiveDescriptor, _ arguments: [(Int32, MemoryDescriptor, ArgumentSource)]
  ) throws(TrainingError) {
    self.oneDNN = oneDNN
    var made: dnnl_primitive_t?
    try OneDNN.check(dnnl_primitive_create(&made, descriptor.handle), descriptor.implementation)
    handle = made
    sources = arguments.map(\.2)
    for (index, layout, _) in arguments {
      self.arguments.append(dnnl_exec_arg_t(arg: index, memory: try Self.memory(layout.handle, oneDNN)))
    }
    let scratch = dnnl_primitive_desc_query_md(descriptor.handle, dnnl_query_scratchpad_md, 0)
    let size = scratch.map { dnnl_memory_desc_get_size($0) } ?? 0
    hasScratch = size > 0
    if size > 0 {
      oneDNN.reserve(scratch: size)
      self.arguments.append(dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: try Self.memory(scratch, oneDNN)))
    }
  }

  deinit {
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    dnnl_primitive_destroy(handle)
  }

  private static func memory(_ layout: OpaquePointer?, _ oneDNN: OneDNN) throws(TrainingError) -> dnnl_memory_t? {
    var memory: dnnl_memory_t?
    // No memory of its own: the address follows when all memory has been laid out.
    try OneDNN.check(dnnl_memory_create(&memory, layout, oneDNN.engine, nil), "a tensor")
    return memory
  }

  func run() {
    if !isBound {
      for (argument, source) in zip(arguments, sources) {
        dnnl_memory_set_data_handle(argument.memory, UnsafeMutableRawPointer(source.pointer))
      }
      if hasScratch, let last = arguments.last { dnnl_memory_set_data_handle(last.memory, oneDNN.scratchPointer) }
      isBound = true
    }
    let status = dnnl_primitive_execute(handle, oneDNN.stream, Int32(arguments.count), arguments)
    precondition(status == dnnl_success, "a oneDNN primitive failed with \(status.rawValue)")
  }
}

extension Primitive {
  /// A copy into another layout.
  static func reorder(
    _ oneDNN: OneDNN, from source: (MemoryDescriptor, ArgumentSource), to target: (MemoryDescriptor, ArgumentSource)
  ) throws(TrainingError) -> Primitive {
    let descriptor = try PrimitiveDescriptor("a change of layout") {
      dnnl_reorder_primitive_desc_create(&$0, source.0.handle, oneDNN.engine, target.0.handle, oneDNN.engine, $1)
    }
    return try Primitive(
      oneDNN, descriptor, [(DNNL_ARG_FROM, source.0, source.1), (DNNL_ARG_TO, target.0, target.1)])
  }
}
