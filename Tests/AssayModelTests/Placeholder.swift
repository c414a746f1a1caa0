import Testing

import AssayModel
