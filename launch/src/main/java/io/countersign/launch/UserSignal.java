// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGUSR1, on which the originals configure their plugins anew, and of which a process without a handler dies. SIGUSR2, on which
 * they open their log anew, belongs to the Java virtual machine, which overlooks it; {@link FollowedFile} needs none.
 */
final class UserSignal {
    private static final Logger log = LoggerFactory.getLogger(UserSignal.class);
    private static final AtomicBoolean taken = new AtomicBoolean();

    private UserSignal() {}

    /** From now on it is said in the log, for as long as the process lives. */
    static void take() {
        if (!taken.compareAndSet(false, true)) {
            return;
        }
        try {
            // by their names, as the compiler warns of what it knows to be nobody's business, and there is nothing else
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var told = Proxy.newProxyInstance(
                    ClassLoader.getSystemClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
                        log.info("SIGUSR1 came: there is nothing to configure anew");
                        // nobody takes it, as the method gives nothing
                        return method;
                    });
            var user1 = signal.getConstructor(String.class).newInstance("USR1");
            signal.getMethod("handle", signal, handler).invoke(null, user1, told);
        } catch (ReflectiveOperationException e) {
            log.atDebug().setCause(e).log("SIGUSR1 is left to the operating system");
        }
    }
}
