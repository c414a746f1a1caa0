import CKernels
import COneDNN

/// libgomp's threads, on which oneDNN's primitives run as well.
struct ThreadTeam: Sendable {
  let threads: Int

  /// Calls `work` once on each thread, with the thread's number.
  func run(_ work: (Int) -> Void) {
    guard threads > 1 else { return work(0) }
    withoutActuallyEscaping(work) { work in
      var job = Job(work: work)
      withUnsafeMutablePointer(to: &job) { pointer in
        GOMP_parallel(
          { data in data?.assumingMemoryBound(to: Job.self).pointee.work(Int(omp_get_thread_num())) }, pointer,
          UInt32(threads), 0)
      }
    }
  }

  /// Divides `0..<count` into one contiguous part for each thread. What is computed for an index must not depend on the
  /// part it is in, so that results do not depend on the number of threads.
  func divide(_ count: Int, _ work: (Range<Int>) -> Void) {
    guard threads > 1, count > 1 else {
      if count > 0 { work(0..<count) }
      return
    }
    run { thread in
      let range = count * thread / threads..<count * (thread + 1) / threads
      if !range.isEmpty { work(range) }
    }
  }

  /// Gives each thread but the calling one a processor of its own.
  func spread() {
    // Counted from where the calling one runs, which stays free to move.
    let first = assay_present_processor()
    run { thread in if thread > 0 { assay_stay_on_processor(first, Int32(thread)) } }
  }

  /// Keeps the calling thread, too, on a processor of its own while the work lasts. Left free it may come to run beside one
  /// of the others when the machine has other work as well, and then each waits for the other several hundred times in a
  /// step.
  func held<Result>(_ work: () throws -> Result) rethrows -> Result {
    let first = assay_present_processor()
    run { thread in assay_stay_on_processor(first, Int32(thread)) }
    defer { assay_leave_processor() }
    return try work()
  }

  /// Frees a thread that was started by one that is held.
  static func free() { assay_leave_processor() }

  private struct Job {
    let work: (Int) -> Void
  }
}
