import Foundation

/// The machine's processors, as far as Assay needs to know them.
public enum Machine {
  /// Cores that this process may use (containers and `taskset` count).
  public static let coreCount = max(1, ProcessInfo.processInfo.activeProcessorCount)

  /// Model name and the instruction sets that matter, from /proc/cpuinfo.
  public static func processor() -> (name: String, instructionSets: [String]) {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    func field(_ name: String) -> String {
      let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
      return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    }
    let flags = Set(field("flags").split(separator: " ").map(String.init))
    let wanted = ["sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8"]
    return (field("model name"), wanted.filter(flags.contains))
  }

  /// Largest resident memory of this process so far, in bytes.
  public static func peakMemory() -> Int {
    var usage = rusage()
    return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
  }
}
