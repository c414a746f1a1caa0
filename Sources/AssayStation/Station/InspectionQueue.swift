import AssayImage
import AssayInspection
import AssayModel
import AssayRuntime
import AssayWorkflows
import DequeModule
import Foundation
import Synchronization

/// What is to be inspected.
package enum InspectionInput: Sendable {
  /// An image file's bytes.
  case image([UInt8])
  /// The network's own input, `[3, H, W]`.
  case tensor([Float])
}

/// What a worker hands back.
package struct InspectedPart: Sendable {
  /// nil for one tile of a bundle that looks at photographs in tiles, and when there is a ``failure``.
  package let finding: Finding?
  /// The network had no finite answer; nil when it had.
  package let failure: InspectionError?
  /// The outputs of the graph that were asked for.
  package let outputs: [String: Tensor]
  package let featureDistance: Double?
  /// For the record, when it was asked for.
  package let keepsake: Keepsake?
  /// From arrival to verdict.
  package let milliseconds: Double
}

/// Why a request is not inspected.
package enum QueueRefusal: Error {
  case full
  /// Its turn did not come in time.
  case waitedTooLong
  case closed
}

/// A bounded queue before as many workers as there are cores, and one that decodes meanwhile.
///
/// A lone request is inspected at once, on all cores. What queues up is taken as soon as a worker is free and inspected
/// side by side, one image a core: that is OpenVINO's way of batching on a processor, and no request ever waits for others
/// to fill a batch.
///
/// Of several idle workers the one that worked last is woken: what the network keeps for each thread is still in its core's
/// cache.
package final class InspectionQueue: Sendable {
  package struct Job: Sendable {
    package let bundle: ServedBundle
    package let input: InspectionInput
    /// For messages.
    package let name: String
    /// Names of the graph's outputs to copy.
    package let outputs: [String]
    package let isRecorded: Bool
    /// Called by the worker: with ``QueueRefusal`` or `InspectionError`.
    package let finish: @Sendable (Result<InspectedPart, any Error>, Turn) -> Void
    fileprivate let arrived = DispatchTime.now().uptimeNanoseconds

    package init(
      bundle: ServedBundle, input: InspectionInput, name: String, outputs: [String], isRecorded: Bool,
      finish: @escaping @Sendable (Result<InspectedPart, any Error>, Turn) -> Void
    ) {
      self.bundle = bundle
      self.input = input
      self.name = name
      self.outputs = outputs
      self.isRecorded = isRecorded
      self.finish = finish
    }
  }

  /// A worker's time on one job.
  ///
  /// Whoever is answered may ask again before the worker has come back from answering. The job would go to another worker
  /// then, and the network would find nothing in the cache, so the worker counts as free a moment before it is.
  package final class Turn: Sendable {
    private let owner = pthread_self()
    private let isOver = Atomic(false)
    private let didEnd: @Sendable () -> Void

    fileprivate init(didEnd: @escaping @Sendable () -> Void) { self.didEnd = didEnd }

    fileprivate var hasEnded: Bool { isOver.load(ordering: .relaxed) }

    /// To be called just before the answer is given; of no effect on another thread than the worker's.
    package func end() {
      guard pthread_equal(owner, pthread_self()) != 0, !isOver.exchange(true, ordering: .relaxed) else { return }
      didEnd()
    }
  }

  private struct State {
    var waiting: Deque<Job> = []
    /// Numbers of workers that sleep or are about to, the last to have worked at the end.
    var idle: [Int] = []
    var running = 0
    var isClosed = false
  }

  package let capacity: Int
  private let longestWait: Double
  private let state = Mutex(State())
  /// One for each worker.
  private let signals: [DispatchSemaphore]
  private let group = DispatchGroup()
  private var workers: Int { signals.count }
  /// Called when work begins, with how many inspections are under way.
  private let began: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - capacity: requests that may wait beside those under way.
  ///   - longestWait: in seconds.
  package init(
    capacity: Int, longestWait: Double, workers: Int = Machine.coreCount + 1,
    began: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.capacity = capacity
    self.longestWait = longestWait
    signals = (0..<workers).map { _ in DispatchSemaphore(value: 0) }
    self.began = began
    for number in 0..<workers {
      group.enter()
      let thread = Thread { [self] in
        work(number)
        group.leave()
      }
      thread.name = "assay.inspect.\(number)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Requests that wait.
  package var length: Int { state.withLock { $0.waiting.count } }
  /// Requests under way.
  package var running: Int { state.withLock { $0.running } }

  /// - Throws: ``QueueRefusal`` when there is no room; `finish` is not called then.
  package func add(_ job: Job) throws(QueueRefusal) {
    let (refusal, worker) = state.withLock { state -> (QueueRefusal?, Int?) in
      if state.isClosed { return (.closed, nil) }
      // A free worker takes it at once: only what exceeds the workers waits.
      if state.waiting.count + state.running >= capacity + workers { return (.full, nil) }
      state.waiting.append(job)
      return (nil, state.idle.popLast())
    }
    if let refusal { throw refusal }
    // When none is idle, the first that becomes free looks for it.
    if let worker { signals[worker].signal() }
  }

  /// Finishes what waits and ends the workers.
  package func close() {
    let idle = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    for worker in idle { signals[worker].signal() }
    group.wait()
  }

  private func work(_ number: Int) {
    while true {
      let next = state.withLock { state -> (job: Job?, isAlone: Bool, running: Int, isClosed: Bool) in
        let job = state.waiting.popFirst()
        if job != nil { state.running += 1 } else { state.idle.append(number) }
        return (job, state.running == 1 && state.waiting.isEmpty, state.running, state.isClosed)
      }
      guard let job = next.job else {
        if next.isClosed { return }
        signals[number].wait()
        continue
      }
      began(next.running)
      let result = Result { try run(job, isAlone: next.isAlone) }
      state.withLock { $0.running -= 1 }
      let turn = Turn { [self] in state.withLock { $0.idle.append(number) } }
      job.finish(result, turn)
      guard turn.hasEnded else { continue }
      let isCalled = state.withLock { state in
        guard let place = state.idle.lastIndex(of: number) else { return true }
        state.idle.remove(at: place)
        return false
      }
      if isCalled { signals[number].wait() }
    }
  }

  private func run(_ job: Job, isAlone: Bool) throws -> InspectedPart {
    func elapsed() -> Double { Double(DispatchTime.now().uptimeNanoseconds - job.arrived) / 1e6 }
    guard elapsed() <= longestWait * 1000 else { throw QueueRefusal.waitedTooLong }
    return try job.bundle.withSession(isAlone: isAlone) { session, keepsakes in
      var (finding, failure): (Finding?, InspectionError?)
      var pending: KeepsakeMaker.Pending?
      var photograph: Image?
      let bytes: [UInt8]
      do throws(InspectionError) {
        switch job.input {
        case .image(let image):
          bytes = image
          finding = try session.inspect(image, name: job.name) { pixels in
            photograph = pixels
            // While this core prepares the network's input, the others have nothing to do.
            if isAlone, job.isRecorded { pending = keepsakes.begin(pixels, bytes: image) }
          }
        case .tensor(let values):
          bytes = values.withUnsafeBytes { Array($0) }
          finding = try session.inspect(input: values, name: job.name)
        }
      } catch {
        // What has no verdict is put on record as well; what cannot be read is the caller's.
        guard case .notFinite = error else { throw error }
        failure = error
      }
      let milliseconds = elapsed()
      var outputs: [String: Tensor] = [:]
      for name in job.outputs { outputs[name] = session.output(name) }
      let distance = failure == nil ? job.bundle.featureDistance(session) : nil
      var keepsake: Keepsake?
      if job.isRecorded, let image = finding?.image ?? photograph {
        let picture = pending?.wait() ?? keepsakes.picture(of: image, bytes: bytes)
        keepsake = finding.map { Keepsake($0, job.bundle.manifest, picture) } ?? Keepsake(image, picture)
      }
      return InspectedPart(
        finding: finding, failure: failure, outputs: outputs, featureDistance: distance, keepsake: keepsake,
        milliseconds: milliseconds)
    }
  }
}
