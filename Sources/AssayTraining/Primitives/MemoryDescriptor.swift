import COneDNN

/// Shape and layout of a tensor of 32-bit floats.
final class MemoryDescriptor {
  let handle: dnnl_memory_desc_t

  private init(owning handle: dnnl_memory_desc_t) { self.handle = handle }

  deinit { dnnl_memory_desc_destroy(handle) }

  static func with(_ shape: [Int], _ tag: dnnl_format_tag_t) throws(TrainingError) -> MemoryDescriptor {
    var handle: dnnl_memory_desc_t?
    try OneDNN.check(
      dnnl_memory_desc_create_with_tag(&handle, Int32(shape.count), shape.map(Int64.init), dnnl_f32, tag),
      "a tensor of shape \(shape)")
    guard let handle else {
      throw TrainingError("a tensor of shape \(shape)", cause: "it is empty", remedy: "report this")
    }
    return MemoryDescriptor(owning: handle)
  }

  /// Row-major, of any rank up to 6.
  static func plain(_ shape: [Int]) throws(TrainingError) -> MemoryDescriptor {
    let tags = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef]
    return try with(shape, tags[shape.count - 1])
  }

  /// nChw16c or nChw8c.
  static func blocked(_ shape: [Int], block: Int) throws(TrainingError) -> MemoryDescriptor {
    try with(shape, block == 16 ? dnnl_aBcd16b : dnnl_aBcd8b)
  }

  /// The layout that a primitive chose.
  static func chosen(
    by descriptor: dnnl_primitive_desc_t?, _ what: dnnl_query_t, index: Int = 0
  ) throws(TrainingError) -> MemoryDescriptor {
    var copy: dnnl_memory_desc_t?
    try OneDNN.check(
      dnnl_memory_desc_clone(&copy, dnnl_primitive_desc_query_md(descriptor, what, Int32(index))), "a layout")
    guard let copy else { throw TrainingError("a layout", cause: "it is empty", remedy: "report this") }
    return MemoryDescriptor(owning: copy)
  }

  /// In floats, padding included.
  var count: Int { dnnl_memory_desc_get_size(handle) / MemoryLayout<Float>.size }

  static func == (a: MemoryDescriptor, b: MemoryDescriptor) -> Bool { dnnl_memory_desc_equal(a.handle, b.handle) != 0 }
}
