import CKernels
import COneDNN
import COneDNNLoader

/// oneDNN's engine and stream for one network, and what its primitives share. One thread uses it at a time.
final class OneDNN {
  let engine: dnnl_engine_t
  let stream: dnnl_stream_t
  let team: ThreadTeam
  /// Channels in a block of the layout of all images: 16 with AVX-512, else 8.
  let block: Int
  let kernels: assay_kernels
  /// Memory that primitives use while they run, one after another.
  private var scratchSize = 0
  private var scratch: UnsafeMutableRawPointer?

  init(threads: Int) throws(TrainingError) {
    if let failure = assay_onednn_failure() {
      throw TrainingError("open oneDNN", cause: String(cString: failure), remedy: "run `assay doctor`")
    }
    var engine: dnnl_engine_t?
    try Self.check(dnnl_engine_create(&engine, dnnl_cpu, 0), "start oneDNN")
    var stream: dnnl_stream_t?
    try Self.check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "start oneDNN")
    guard let engine, let stream else {
      throw TrainingError("oneDNN", cause: "it did not start", remedy: "run `assay doctor`")
    }
    self.engine = engine
    self.stream = stream
    team = ThreadTeam(threads: threads)
    omp_set_num_threads(Int32(threads))
    team.spread()
    let isWide =
      dnnl_get_effective_cpu_isa().rawValue & dnnl_cpu_isa_avx512_core.rawValue == dnnl_cpu_isa_avx512_core.rawValue
    guard let kernels = assay_kernels_for_block(isWide ? 16 : 8) ?? assay_kernels_for_block(8) else {
      throw TrainingError("oneDNN", cause: "this processor has no kernels", remedy: "run `assay doctor`")
    }
    self.kernels = kernels.pointee
    block = Int(kernels.pointee.block)
  }

  deinit {
    scratch?.deallocate()
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }

  static func check(_ status: dnnl_status_t, _ what: String) throws(TrainingError) {
    guard status != dnnl_success else { return }
    let cause =
      switch status {
      case dnnl_out_of_memory: "there is not enough memory"
      case dnnl_unimplemented: "oneDNN has no implementation for it"
      case dnnl_invalid_arguments: "oneDNN does not accept its shapes"
      default: "oneDNN says status \(status.rawValue)"
      }
    throw TrainingError(what, cause: cause, remedy: "use a smaller --batch-size or --input-size, or freeze beyond it")
  }

  /// Blocks that hold so many channels.
  func blocks(_ channels: Int) -> Int { (channels + block - 1) / block }

  /// Floats of an image tensor in the blocked layout.
  func blockedCount(_ shape: [Int]) -> Int { shape[0] * blocks(shape[1]) * block * shape[2] * shape[3] }

  func reserve(scratch bytes: Int) { scratchSize = max(scratchSize, bytes) }

  var scratchPointer: UnsafeMutableRawPointer? {
    if scratch == nil, scratchSize > 0 { scratch = .allocate(byteCount: scratchSize, alignment: 4096) }
    return scratch
  }

  /// Waits until everything has run.
  func wait() { dnnl_stream_wait(stream) }
}
