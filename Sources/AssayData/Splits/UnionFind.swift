/// Sets that grow together (disjoint-set forest; Tarjan 1975).
struct UnionFind<Element: Hashable & Comparable> {
  private var parent: [Element: Element] = [:]

  /// The least element of the set.
  mutating func root(_ element: Element) -> Element {
    var top = element
    while let next = parent[top] { top = next }
    var at = element
    while let next = parent[at] {
      parent[at] = top
      at = next
    }
    return top
  }

  mutating func join(_ a: Element, _ b: Element) {
    let (first, second) = (root(a), root(b))
    if first < second { parent[second] = first } else if second < first { parent[first] = second }
  }

  mutating func isJoined(_ a: Element, _ b: Element) -> Bool { root(a) == root(b) }
}
