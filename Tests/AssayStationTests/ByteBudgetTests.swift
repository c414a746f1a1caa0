import AssayStation
import Dispatch
import Testing

@Suite struct ByteBudgetTests {
  private static func soon(_ seconds: Double) -> UInt64 {
    DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
  }

  /// Sixteenths: 1 for what arrives, 4 for bodies, 2 for answers, 9 for pixels.
  @Test func sharesAreApart() throws {
    let budget = ByteBudget(bytes: 16_000)
    #expect(ByteBudget.Share.allCases.map { budget.limit(of: $0) } == [1000, 4000, 2000, 9000])
    let room = try #require(budget.takeNow(4000, of: .bodies))
    #expect(budget.takeNow(1, of: .bodies) == nil && budget.takeNow(9000, of: .pixels) != nil)
    room.giveBack()
    room.giveBack()
    #expect(budget.free(of: .bodies) == 4000, "given back once")
    #expect(budget.free(of: .pixels) == 9000, "what nobody holds is free")
  }

  @Test func whatNeverFitsIsRefusedAtOnce() {
    let budget = ByteBudget(bytes: 32 << 20)
    do throws(PartRefusal) {
      _ = try budget.take(20 << 20, of: .pixels, until: .max)
      Issue.record("it cannot fit")
    } catch {
      guard case .overBudget(let shortage) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(shortage.bytes == 20 << 20 && shortage.limit == 18 << 20)
      #expect(error.description.contains("--memory") && error.description.contains("18 MiB"))
    }
  }

  @Test func waitingEndsAtTheDeadline() async throws {
    let budget = ByteBudget(bytes: 16_000)
    let room = try #require(budget.takeNow(3000, of: .bodies))
    await #expect(throws: PartRefusal.self) { try await budget.room(2000, of: .bodies, until: Self.soon(0.02)) }
    #expect(throws: PartRefusal.self) { try budget.take(2000, of: .bodies, until: Self.soon(0.02)) }
    room.giveBack()
    #expect(budget.free(of: .bodies) == 4000, "who gave up holds nothing")
  }

  /// In the order of asking: a large one is not overtaken for ever by small ones.
  @Test func firstComeFirstServed() async throws {
    let budget = ByteBudget(bytes: 16_000)
    let room = try #require(budget.takeNow(3000, of: .bodies))
    async let large = budget.room(4000, of: .bodies, until: Self.soon(600))
    while budget.waiting(for: .bodies) == 0 { await Task.yield() }
    #expect(budget.takeNow(500, of: .bodies) == nil, "somebody was first")
    async let small = budget.room(500, of: .bodies, until: Self.soon(600))
    while budget.waiting(for: .bodies) == 1 { await Task.yield() }
    room.giveBack()
    let first = try await large
    #expect(budget.free(of: .bodies) == 0 && budget.waiting(for: .bodies) == 1)
    first.giveBack()
    _ = try await small
  }

  /// One that gives up lets those behind it through.
  @Test func whoGivesUpHoldsUpNobody() async throws {
    let budget = ByteBudget(bytes: 16_000)
    let room = try #require(budget.takeNow(3000, of: .bodies))
    async let large = budget.room(4000, of: .bodies, until: Self.soon(3))
    while budget.waiting(for: .bodies) == 0 { await Task.yield() }
    let small = try await budget.room(500, of: .bodies, until: Self.soon(600))
    do {
      _ = try await large
      Issue.record("there was no room for it")
    } catch { #expect(error is PartRefusal) }
    withExtendedLifetime((room, small)) {}
  }
}
