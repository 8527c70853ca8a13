// The privileges of this very process: each call is made where it is asked for.
#pragma once

#include "engine/privilege/privileges.h"

namespace penstock {

// Never null and always the same; it holds nothing, so any thread may use it.
Privileges* own_privileges();

}  // namespace penstock
