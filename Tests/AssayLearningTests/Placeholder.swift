import Testing

import AssayLearning
