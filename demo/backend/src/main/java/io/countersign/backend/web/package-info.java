// SPDX-License-Identifier: Apache-2.0
/** What the backend answers over HTTP, and the evidence it gathers for it. */
@NullMarked
package io.countersign.backend.web;

import org.jspecify.annotations.NullMarked;
