// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import javax.net.ssl.SSLSocketFactory;
import org.postgresql.ssl.WrappedFactory;

/**
 * Hands the driver the sockets of the attempt that is under way: the driver makes this class itself, by its name, on the
 * thread that asks for the connection.
 */
public final class LoginSockets extends WrappedFactory {
    static final ScopedValue<SSLSocketFactory> CURRENT = ScopedValue.newInstance();

    public LoginSockets() {
        factory = CURRENT.get();
    }
}
