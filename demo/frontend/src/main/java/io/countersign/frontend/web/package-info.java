// SPDX-License-Identifier: Apache-2.0
/** The page and the three calls it makes: run the demo, try to break in, and its own files. */
@NullMarked
package io.countersign.frontend.web;

import org.jspecify.annotations.NullMarked;
