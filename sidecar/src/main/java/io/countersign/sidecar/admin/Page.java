// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

/** @param afterwards what happens once the page is on its way */
record Page(int status, String type, String body, Runnable afterwards) {
    static Page text(String body) {
        return new Page(200, "text/plain; charset=UTF-8", body, () -> {});
    }

    static Page json(String body) {
        return new Page(200, "application/json", body, () -> {});
    }

    static Page status(int status, String body) {
        return new Page(status, "text/plain; charset=UTF-8", body, () -> {});
    }

    static Page ok(Runnable afterwards) {
        return new Page(200, "text/plain; charset=UTF-8", "OK\n", afterwards);
    }
}
