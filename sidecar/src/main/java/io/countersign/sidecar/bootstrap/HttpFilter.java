// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.rbac.Rbac;

/** What a request passes on its way to the router. */
public sealed interface HttpFilter {
    /** As the file calls it; routes name it by this. */
    String name();

    record Roles(String name, Rbac rbac) implements HttpFilter {}

    record Authorization(String name, ExtAuthz settings) implements HttpFilter {}

    record Tokens(String name, JwtAuthn settings) implements HttpFilter {}
}
