/// Which 3 x 3 convolutions use Winograd's algorithm.
package enum WinogradUse: Sendable {
  case never
  case whereFaster
  /// Wherever it is possible, so that tests reach it with small images.
  case everywhere
}
