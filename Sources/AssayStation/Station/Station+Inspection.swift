import AssayRuntime

extension Station {
  /// A part through queue, network, record and links.
  package func inspect(_ part: Part, with bundle: ServedBundle) async throws(PartRefusal) -> InspectedPart {
    let pipeline = pipeline
    let result = await withCheckedContinuation {
      (waiting: CheckedContinuation<Result<InspectedPart, PartRefusal>, Never>) in
      queue.add(
        InspectionQueue.Job { slot in
          do throws(PartRefusal) {
            let judged = try pipeline.judge(part, with: bundle, slot)
            return { turn in
              pipeline.settle([judged], isWaiting: true) { answers in
                pipeline.publish(answers)
                turn.end()
                if case .failed(let error) = judged.outcome {
                  waiting.resume(returning: .failure(.noFiniteAnswer(error)))
                } else {
                  waiting.resume(returning: .success((judged, answers[0])))
                }
              }
            }
          } catch {
            return { _ in waiting.resume(returning: .failure(error)) }
          }
        } refuse: {
          waiting.resume(returning: .failure($0))
        })
    }
    if case .failure(let refusal) = result { pipeline.note(refusal) }
    return try result.get()
  }

  /// Several parts of one request: judged as cores become free, put on record in one transaction and told together at the
  /// end. At the first that is not judged none of them is on record, counted or told.
  /// - Parameters:
  ///   - part: gives the part of a number; it is asked when its turn has come, so that not all are in memory.
  /// - Throws: ``PartRefusal/inBatch(index:_:)``.
  package func inspect(
    count: Int, with bundle: ServedBundle, part: @escaping @Sendable (Int) throws(PartRefusal) -> Part
  ) async throws(PartRefusal) -> [InspectedPart] {
    let result = await judgeAll(count, bundle, part)
    if case .failure(let refusal) = result { pipeline.note(refusal) }
    let judged = try result.get()
    let pipeline = pipeline
    return await withCheckedContinuation { waiting in
      pipeline.settle(judged, isWaiting: false) { answers in
        pipeline.publish(answers)
        waiting.resume(returning: zip(judged, answers).map { ($0, $1) })
      }
    }
  }

  /// A few at a time, so that one large request does not fill the queue.
  private func judgeAll(
    _ count: Int, _ bundle: ServedBundle, _ part: @escaping @Sendable (Int) throws(PartRefusal) -> Part
  ) async -> Result<[JudgedPart], PartRefusal> {
    await withTaskGroup(of: (Int, Result<JudgedPart, PartRefusal>).self) { group in
      var judged = [JudgedPart?](repeating: nil, count: count)
      var refusal: (index: Int, cause: PartRefusal)?
      var next = 0
      func add() {
        let index = next
        group.addTask { (index, await self.judgeOne(index, bundle, part)) }
        next += 1
      }
      while next < min(count, Machine.coreCount + 1) { add() }
      while let (index, result) = await group.next() {
        switch result {
        case .success(let part): judged[index] = part
        // Those before it are under way already: the first that is bad is named, whichever was looked at first.
        case .failure(let cause): if refusal.map({ index < $0.index }) ?? true { refusal = (index, cause) }
        }
        if refusal == nil, next < count { add() }
      }
      if let refusal { return .failure(.inBatch(index: refusal.index, refusal.cause)) }
      return .success(judged.compactMap { $0 })
    }
  }

  private func judgeOne(
    _ index: Int, _ bundle: ServedBundle, _ part: @escaping @Sendable (Int) throws(PartRefusal) -> Part
  ) async -> Result<JudgedPart, PartRefusal> {
    let pipeline = pipeline
    return await withCheckedContinuation { waiting in
      queue.add(
        InspectionQueue.Job { slot in
          let result = Result { () throws(PartRefusal) in
            let judged = try pipeline.judge(try part(index), with: bundle, slot)
            if case .failed(let error) = judged.outcome { throw .noFiniteAnswer(error) }
            return judged
          }
          return { turn in
            turn.end()
            waiting.resume(returning: result)
          }
        } refuse: {
          waiting.resume(returning: .failure($0))
        })
    }
  }
}
