// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.web;

import io.countersign.backend.BackendSettings;
import io.countersign.backend.database.Orders;
import io.countersign.backend.database.SessionPool;
import io.countersign.launch.EventLog;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/** The web part: Tomcat, Spring MVC and one controller. Named one by one, because looking for more costs the start. */
@Configuration(proxyBeanMethods = false)
@EnableWebMvc
@Import({TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class})
public class BackendWeb {
    @Bean
    BackendController controller(BackendSettings settings, SessionPool pool, EventLog log) {
        return new BackendController(pool, new DemoRun(settings, new Orders(pool), log), log);
    }

    @Bean
    RequestLog requestLog(EventLog log) {
        return new RequestLog(log);
    }
}
