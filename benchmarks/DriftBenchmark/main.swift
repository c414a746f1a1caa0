import Foundation

guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
  FileHandle.standardError.write(Data((Arguments.usage + "\n").utf8))
  exit(64)
}
do {
  let pictures = try Pictures(arguments.data)
  switch arguments.mode {
  case .alarms: try AlarmRates(pictures).run(draws: arguments.draws, sizes: arguments.sizes)
  case .trained: try TrainedRates(pictures).run(draws: arguments.draws, sizes: arguments.sizes)
  case .detect: try Detection(pictures).run(draws: arguments.draws, sizes: arguments.sizes)
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(70)
}
