import Testing

import AssayImage
