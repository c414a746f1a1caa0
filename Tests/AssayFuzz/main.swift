// One target of FuzzTargets under libFuzzer: `AssayFuzz TARGET [OPTIONS OF LIBFUZZER] [FOLDERS]`. `make fuzz` builds it with
// the sanitizers and runs it for every target.
//
//   AssayFuzz --list              names of targets and the longest inputs, a line each
//   AssayFuzz --seeds FOLDER      writes each target's seeds to FOLDER/TARGET, and its words to FOLDER/TARGET.dict
import CFuzzer
import Foundation
import FuzzTargets

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "--list":
  for target in FuzzTargets.allCases { print(target.name, target.longest) }
case "--seeds" where arguments.count == 2:
  for target in FuzzTargets.allCases {
    let folder = URL(fileURLWithPath: arguments[arguments.endIndex - 1]).appendingPathComponent(target.name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (number, seed) in try target.seeds().enumerated() where seed.count <= target.longest {
      try Data(seed).write(to: folder.appendingPathComponent("seed-\(number)"))
    }
    let words = try target.words().map { "\"\($0)\"\n" }.joined()
    try Data(words.utf8).write(to: folder.appendingPathExtension("dict"))
  }
case let name?:
  // libFuzzer starts this program again with its own options alone.
  let variable = "ASSAY_FUZZ_TARGET"
  let isAgain = name.hasPrefix("-")
  guard let target = FuzzTargets[isAgain ? ProcessInfo.processInfo.environment[variable] ?? "" : name] else {
    FileHandle.standardError.write(Data("AssayFuzz: there is no target \(name); --list names them\n".utf8))
    exit(64)
  }
  setenv(variable, target.name, 1)
  // libFuzzer's callback is a C function and can hold nothing.
  Chosen.target = target
  var count = CommandLine.argc
  var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
  if !isAgain {
    // The target's name gives its place to the program's.
    CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
    (count, values) = (count - 1, CommandLine.unsafeArgv + 1)
  }
  exit(
    LLVMFuzzerRunDriver(&count, &values) { data, size in
      Chosen.target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
      return 0
    })
case nil:
  FileHandle.standardError.write(Data("AssayFuzz: name a target; --list names them\n".utf8))
  exit(64)
}

/// Written once, before libFuzzer begins.
private enum Chosen {
  nonisolated(unsafe) static var target: FuzzTarget?
}
